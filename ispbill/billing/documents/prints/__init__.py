"""Many documents in one file for the printer: the bills of a month for collectors, statements for who has no e-mail."""
