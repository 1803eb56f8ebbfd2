"""Prepaid subscriptions: rules, verbs, pages."""
