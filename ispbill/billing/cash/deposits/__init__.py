"""Cash of the office that is paid in at the bank."""
