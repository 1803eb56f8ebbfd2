"""Discounts: what is granted to whom, and how much it takes off which line."""
