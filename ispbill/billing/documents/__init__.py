"""Invoices and receipts as papers: what they say, and how they become PDF."""
