"""Drafts of invoices as papers."""
