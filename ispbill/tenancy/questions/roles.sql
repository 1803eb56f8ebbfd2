-- The role of each schema: attributes, members, memberships.
SELECT s.schema, r.oid IS NOT NULL AS exists, r.rolcanlogin AS may_login,
       r.rolsuper OR r.rolcreaterole OR r.rolcreatedb OR r.rolbypassrls OR r.rolreplication AS is_powerful,
       ARRAY(SELECT m.rolname::text FROM pg_auth_members x JOIN pg_roles m ON m.oid = x.member
             WHERE x.roleid = r.oid) AS members,
       ARRAY(SELECT g.rolname::text FROM pg_auth_members x JOIN pg_roles g ON g.oid = x.roleid
             WHERE x.member = r.oid) AS memberships
FROM unnest(%(schemas)s::text[]) s(schema) LEFT JOIN pg_roles r ON r.rolname = s.schema ORDER BY s.schema
