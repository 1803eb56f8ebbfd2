"""Bringing data in from files: one wizard for every kind of it. What a kind is, each feature says for itself."""
