"""Contracts, parameters, records, errors."""
