"""Statements of account for many customers at once, each by e-mail with its paper."""
