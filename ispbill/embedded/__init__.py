"""The embedded PostgreSQL and Valkey of one home folder. Only the standard library is used here."""
