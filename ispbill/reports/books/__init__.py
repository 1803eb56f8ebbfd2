"""What the books say of the documents that a report adds up."""
