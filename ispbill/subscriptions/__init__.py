"""Installations, and the postpaid subscriptions that run on them."""
