"""Routers from a file."""
