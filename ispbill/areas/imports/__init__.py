"""Areas from a file."""
