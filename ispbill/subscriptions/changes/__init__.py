"""Changes of a running subscription: another plan, another quantity, an add-on more or less, another billing day."""
