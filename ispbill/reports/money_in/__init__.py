"""Reports of money received, of money still open, and of money not used yet."""
