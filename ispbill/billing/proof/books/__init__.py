"""The proof of the journal."""
