"""Bringing customers in from a file, with their plans and subscriptions where the file has them."""
