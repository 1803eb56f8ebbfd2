"""Taxes on documents: their amounts, who is exempt, what customers withhold."""
