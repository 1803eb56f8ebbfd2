"""Accounting periods: closing the books up to a day, and opening them again."""
