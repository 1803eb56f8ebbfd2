"""Money received, and which invoices it settles."""
