"""What money settles: oldest invoice first by itself, chosen invoices by hand, and what is taken off again."""
