"""Taxes: what each consists of, and since when."""
