"""Which company, in which schema, under which role: the registry, the scope, and the life of a schema."""
