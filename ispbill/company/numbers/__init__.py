"""Number series: how documents are numbered, and how many numbers are left."""
