"""Subscribing a customer to a bundle: to its plans, at its prices."""
