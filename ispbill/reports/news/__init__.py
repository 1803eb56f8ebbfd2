"""What long work has come to: runs, imports and proofs that ended, behind the bell of every page."""
