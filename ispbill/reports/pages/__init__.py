"""The pages of the reports: their index, each of them, and their files."""
