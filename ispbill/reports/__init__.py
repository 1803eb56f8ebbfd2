"""What the numbers say: each figure with its definition."""
