"""Reports of what was billed and earned, and of the tax on it."""
