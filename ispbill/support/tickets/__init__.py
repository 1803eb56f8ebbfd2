"""Tickets: what a customer reports, who works on it, how long it takes."""
