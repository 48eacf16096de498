"""Candidates drawn from physical quantities."""
