"""Papers of the cash desk: the sheet of a counted drawer, the slip of a deposit."""
