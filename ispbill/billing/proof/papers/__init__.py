"""The proof of documents."""
