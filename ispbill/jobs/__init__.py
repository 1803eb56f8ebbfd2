"""Background work: a job is a tenant or a chunk, safe to run twice, never the only record of what is due."""
