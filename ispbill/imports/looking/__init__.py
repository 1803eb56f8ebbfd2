"""Looking at a file before it is brought in."""
