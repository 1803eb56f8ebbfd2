"""What went into drawers and out of them."""
