"""The proof of the books: what must always hold, looked for each night in every row."""
