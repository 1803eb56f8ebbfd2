-- Objects whose privileges differ from what grants.py says. `found` names a grantee only where it is not the
-- schema's own role, and marks a grant option with a star.
WITH objects AS (
    SELECT nspname AS schema, 'schema' AS kind, '' AS name, nspacl AS acl, nspowner AS owner,
           'USAGE' AS expected
    FROM pg_namespace
    UNION ALL
    SELECT n.nspname, CASE c.relkind WHEN 'S' THEN 'sequence' ELSE 'table' END, c.relname, c.relacl, c.relowner,
           CASE c.relkind WHEN 'S' THEN 'USAGE' ELSE coalesce(e.privileges, 'DELETE,INSERT,SELECT,UPDATE') END
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN unnest(%(tables)s::text[], %(privileges)s::text[]) e(name, privileges) ON e.name = c.relname
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
    UNION ALL
    SELECT n.nspname, 'function', p.proname, coalesce(p.proacl, acldefault('f', p.proowner)), p.proowner, ''
    FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
    UNION ALL
    SELECT n.nspname, 'column', c.relname || '.' || a.attname, a.attacl, c.relowner, ''
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE a.attacl IS NOT NULL
    UNION ALL
    SELECT n.nspname, 'default privileges', '', d.defaclacl, d.defaclrole, ''
    FROM pg_default_acl d JOIN pg_namespace n ON n.oid = d.defaclnamespace
)
SELECT schema, kind, name, found, expected FROM objects CROSS JOIN LATERAL (
    SELECT coalesce(string_agg(holder || privilege, ',' ORDER BY holder, privilege COLLATE "C"), '') AS found
    FROM (
        SELECT CASE WHEN x.grantee = 0 THEN 'PUBLIC ' WHEN pg_get_userbyid(x.grantee) = schema THEN ''
                    ELSE pg_get_userbyid(x.grantee) || ' ' END AS holder,
               x.privilege_type || CASE WHEN x.is_grantable THEN '*' ELSE '' END AS privilege
        FROM aclexplode(acl) x WHERE x.grantee <> owner
    ) grants
) held WHERE schema = ANY(%(schemas)s) AND found <> expected ORDER BY schema, kind, name
