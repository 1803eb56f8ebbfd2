"""Billing runs: preview, approval, chunks, results, what was parked and why."""
