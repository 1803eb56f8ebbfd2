"""Proforma invoices: what an invoice would say. Nothing is owed by one, until it becomes an invoice."""
