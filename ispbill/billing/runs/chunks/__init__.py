"""Chunks of a run: what is due of some customers, billed in one transaction."""
