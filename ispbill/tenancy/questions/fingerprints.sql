-- One digest per schema over all its facts: equal shapes, equal digests.
SELECT schema,
       md5(string_agg(concat_ws(E'\x01', kind, name, definition), E'\x02'
                      ORDER BY kind COLLATE "C", name COLLATE "C", definition COLLATE "C")) AS fingerprint
FROM (
/* FACTS */
) facts GROUP BY schema
