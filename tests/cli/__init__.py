"""The command line, as an operator calls it."""
