"""Bundles: plans that are sold together, each at a price of its own."""
