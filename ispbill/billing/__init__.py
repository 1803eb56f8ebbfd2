"""Money: ledger, invoices, payments and the runs that bill."""
