"""Who is who, in which schema, under which role."""
