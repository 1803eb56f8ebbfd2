"""What customers owed, or had in credit, when a company began to work with this system."""
