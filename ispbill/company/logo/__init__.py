"""The picture beside the company's name."""
