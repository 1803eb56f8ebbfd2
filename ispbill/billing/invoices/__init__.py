"""Invoices: drafted by pure rules, issued with a gapless number, then frozen."""
