"""Attempts to reach another company's data."""
