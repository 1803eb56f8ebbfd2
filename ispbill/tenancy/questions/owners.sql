-- Objects of the schemas that belong to another login than the owner.
SELECT * FROM (
    SELECT nspname AS schema, 'schema' AS kind, '' AS name, pg_get_userbyid(nspowner) AS owner FROM pg_namespace
    UNION ALL
    SELECT n.nspname, CASE c.relkind WHEN 'S' THEN 'sequence' ELSE 'table' END, c.relname,
           pg_get_userbyid(c.relowner)
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
    UNION ALL
    SELECT n.nspname, 'function', p.proname, pg_get_userbyid(p.proowner)
    FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
) owned WHERE schema = ANY(%(schemas)s) AND owner <> %(owner)s ORDER BY schema, kind, name
