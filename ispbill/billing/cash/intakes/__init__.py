"""Cash for change that is brought into the office."""
