"""Signed tokens (JWT): a person signs in by the API and holds a session of an hour."""
