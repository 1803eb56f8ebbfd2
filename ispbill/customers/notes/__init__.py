"""What staff write down about a customer, one after the other."""
