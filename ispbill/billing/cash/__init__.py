"""The cash desk: who holds which cash, from the customer's hand to the bank."""
