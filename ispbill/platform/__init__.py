"""The operator's verbs over tenants, and the apex site."""
