"""Append-only record of who did what, and its reader."""
