"""Statements of account as papers."""
