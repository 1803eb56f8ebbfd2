"""ispbill: billing and operations for internet providers, one PostgreSQL schema a tenant. Nothing else lives here."""
