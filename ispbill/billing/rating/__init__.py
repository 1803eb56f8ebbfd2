"""Rating: what usage, minimums, early ends and late payments cost."""
