"""Proforma invoices as papers."""
