"""The operator's verbs, and the platform's own site."""
