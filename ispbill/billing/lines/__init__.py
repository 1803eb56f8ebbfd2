"""What a line of a document is: its price, what is taken off it, its taxes, and what of it was credited since."""
