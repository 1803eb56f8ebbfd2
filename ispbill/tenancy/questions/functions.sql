-- Functions that are not pinned to their own schema, run with their owner's rights, or name another schema.
SELECT * FROM (
    SELECT n.nspname AS schema, p.proname AS name, p.prosecdef AS is_definer,
           p.proconfig IS NOT DISTINCT FROM ARRAY['search_path=' || n.nspname || ', pg_temp'] AS is_pinned,
           ARRAY(SELECT DISTINCT other.nspname::text
                 FROM regexp_matches(
                     CASE WHEN p.prokind IN ('f', 'p') THEN pg_get_functiondef(p.oid) ELSE p.prosrc END,
                     '"?\m([a-z_][a-z0-9_]*)\M"?\s*\.', 'gi') word
                 JOIN pg_namespace other ON other.nspname = lower(word[1])
                 WHERE other.nspname NOT IN (n.nspname, 'pg_catalog')) AS elsewhere
    FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = ANY(%(schemas)s)
) f WHERE is_definer OR NOT is_pinned OR elsewhere <> '{}' ORDER BY schema, name
