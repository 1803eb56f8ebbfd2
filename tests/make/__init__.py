"""Builders: they make what a test needs through the same verbs that users call."""
