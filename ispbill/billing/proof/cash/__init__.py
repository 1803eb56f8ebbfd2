"""Invariants of the cash desk."""
