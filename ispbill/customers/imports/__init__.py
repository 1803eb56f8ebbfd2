"""How lines of files name customers."""
