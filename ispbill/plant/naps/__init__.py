"""NAPs and their ports."""
