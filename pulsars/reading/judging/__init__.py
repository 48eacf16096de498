"""Rows accepted, or set aside with every reason; parts put together; how good a file is."""
