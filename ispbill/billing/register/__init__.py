"""The register of numbers: each number of a series, what it was used for, and which were taken back."""
