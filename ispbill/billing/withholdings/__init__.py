"""Tax that customers withhold: what of it they still have to prove by certificate."""
