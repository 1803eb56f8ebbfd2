"""Signing in and out, and the list of browsers that are signed in."""
