"""The chart of accounts: what the company's books are divided into."""
