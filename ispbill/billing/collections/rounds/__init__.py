"""The morning's round over all customers who owe."""
