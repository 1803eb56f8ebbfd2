"""Invoices that people make by hand: saved while they are written, owed once they are issued."""
