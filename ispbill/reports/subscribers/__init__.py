"""The customers behind the numbers of growth."""
