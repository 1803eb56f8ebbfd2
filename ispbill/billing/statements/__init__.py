"""Statements of account: what happened between two days, what is owed and since when, and why."""
