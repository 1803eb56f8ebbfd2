"""Prepaid: time that is paid before it is used, from the customer's wallet."""
