"""What the statements of the proof are put together from."""
