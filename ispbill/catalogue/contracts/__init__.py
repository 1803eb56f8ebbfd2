"""Contracts of plans: how long a customer promises to stay, and what leaving early costs."""
