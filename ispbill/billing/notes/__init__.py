"""Credit and debit notes: what is taken back of an issued invoice, and what is added to it."""
