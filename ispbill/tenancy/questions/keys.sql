-- Foreign keys that leave their schema.
SELECT here.nspname AS schema, c.conname AS name, there.nspname || '.' || target.relname AS target
FROM pg_constraint c
JOIN pg_class source ON source.oid = c.conrelid JOIN pg_namespace here ON here.oid = source.relnamespace
JOIN pg_class target ON target.oid = c.confrelid JOIN pg_namespace there ON there.oid = target.relnamespace
WHERE c.contype = 'f' AND here.oid <> there.oid AND here.nspname = ANY(%(schemas)s)
ORDER BY here.nspname, c.conname
