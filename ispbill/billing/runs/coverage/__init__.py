"""The proof that a run was complete: each service was billed, or left out for a named reason."""
