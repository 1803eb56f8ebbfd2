"""Taking back what a file brought in."""
