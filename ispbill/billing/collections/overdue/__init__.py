"""Who owes what is late: the list, a customer's page, and where service differs from what is due."""
