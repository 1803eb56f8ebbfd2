"""Refunds: credit that is paid back to the customer, under a number of its own."""
