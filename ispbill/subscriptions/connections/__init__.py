"""Which line is on which port, since when, and which ones were before."""
