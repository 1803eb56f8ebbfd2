"""Plans from a file."""
