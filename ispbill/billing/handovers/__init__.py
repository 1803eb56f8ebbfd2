"""How invoices reach their customers: by e-mail, or on paper by hand."""
