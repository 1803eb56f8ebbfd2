"""Contracts that subscribers agreed to: until when they promised to stay, and what leaving before costs."""
