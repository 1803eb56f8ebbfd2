"""The proof of money."""
