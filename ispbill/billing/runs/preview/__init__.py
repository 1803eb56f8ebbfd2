"""What a run would bill before it bills, and why that differs from the last bills."""
