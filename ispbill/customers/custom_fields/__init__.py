"""What a company wants to know of its customers besides what everybody does."""
