"""Where the rows behind the numbers stand."""
