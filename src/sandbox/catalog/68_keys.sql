-- Declared keys. Redshift records PRIMARY KEY, UNIQUE and FOREIGN KEY and enforces none, so PostgreSQL must not know
-- them: they are shown where tools look. Each gets a number of its own, above those that the server gives.
CREATE OR REPLACE FUNCTION pg_catalog.sparkctl_key_oid(tbl oid, name text) RETURNS oid LANGUAGE sql IMMUTABLE AS $$
    SELECT (3000000000 + ('x' || substr(md5(tbl::text || ':' || name), 1, 8))::bit(32)::int8 % 1000000000)::oid
$$;
CREATE OR REPLACE FUNCTION pg_catalog.sparkctl_column_numbers(tbl oid, columns jsonb) RETURNS int2[] LANGUAGE sql STABLE AS $$
    SELECT array_agg(a.attnum ORDER BY c.n)
      FROM jsonb_array_elements_text(columns) WITH ORDINALITY c(name, n)
      JOIN pg_catalog.pg_attribute a ON a.attrelid = tbl AND a.attname = c.name AND NOT a.attisdropped
$$;
-- A foreign key without columns means the other table's primary key.
CREATE OR REPLACE VIEW pg_catalog.sparkctl_keys AS
SELECT sparkctl_key_oid(c.oid, k->>'name') AS oid, c.oid AS tbl, c.relnamespace AS namespace, c.relname AS table_name,
       c.relowner AS owner, (k->>'name')::name AS name, k->>'kind' AS kind, k->'columns' AS columns, t.oid AS to_tbl,
       t.relnamespace AS to_namespace, t.relname AS to_table,
       CASE WHEN jsonb_array_length(COALESCE(k->'to_columns', '[]')) > 0 THEN k->'to_columns' ELSE p.columns END AS to_columns,
       p.name AS to_key
  FROM pg_catalog.sparkctl_table_attributes s
 CROSS JOIN LATERAL jsonb_array_elements(COALESCE(s.attributes->'keys', '[]')) k
  JOIN pg_catalog.pg_class c ON c.oid = s.reloid
  LEFT JOIN pg_catalog.pg_class t ON k->>'kind' = 'foreign' AND t.oid = (k->>'to_oid')::oid
  LEFT JOIN LATERAL (SELECT x->'columns' AS columns, (x->>'name')::name AS name
                       FROM pg_catalog.sparkctl_table_attributes ps,
                            jsonb_array_elements(COALESCE(ps.attributes->'keys', '[]')) x
                      WHERE ps.reloid = t.oid AND x->>'kind' IN ('primary', 'unique')
                        AND (jsonb_array_length(COALESCE(k->'to_columns', '[]')) = 0 OR x->'columns' = k->'to_columns')
                      ORDER BY x->>'kind' LIMIT 1) p ON true;

CREATE OR REPLACE FUNCTION pg_catalog.sparkctl_key_text(key oid) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT CASE kind WHEN 'primary' THEN 'PRIMARY KEY' WHEN 'unique' THEN 'UNIQUE' ELSE 'FOREIGN KEY' END || ' (' ||
           (SELECT string_agg(quote_ident(c), ', ' ORDER BY n) FROM jsonb_array_elements_text(columns) WITH ORDINALITY x(c, n))
           || ')' || CASE WHEN kind = 'foreign' THEN ' REFERENCES ' || to_tbl::regclass || '(' ||
               (SELECT string_agg(quote_ident(c), ', ' ORDER BY n)
                  FROM jsonb_array_elements_text(to_columns) WITH ORDINALITY x(c, n)) || ')' ELSE '' END
      FROM pg_catalog.sparkctl_keys WHERE oid = key
$$;
DO $$BEGIN
    UPDATE pg_catalog.pg_proc SET proname = 'sparkctl_pg_' || proname
     WHERE proname IN ('pg_get_constraintdef', 'pg_get_indexdef') AND pronamespace = 'pg_catalog'::regnamespace
       AND prolang = (SELECT oid FROM pg_catalog.pg_language WHERE lanname = 'internal');
END$$;
CREATE OR REPLACE FUNCTION pg_catalog.pg_get_constraintdef(c oid) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN c >= 3000000000 THEN sparkctl_key_text(c) ELSE sparkctl_pg_pg_get_constraintdef(c) END
$$;
CREATE OR REPLACE FUNCTION pg_catalog.pg_get_constraintdef(c oid, pretty bool) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN c >= 3000000000 THEN sparkctl_key_text(c) ELSE sparkctl_pg_pg_get_constraintdef(c, pretty) END
$$;
CREATE OR REPLACE FUNCTION pg_catalog.sparkctl_key_index(key oid, col int4) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN col = 0 THEN 'CREATE UNIQUE INDEX ' || quote_ident(name) || ' ON ' || tbl::regclass || ' USING btree (' ||
                    (SELECT string_agg(quote_ident(c), ', ' ORDER BY n)
                       FROM jsonb_array_elements_text(columns) WITH ORDINALITY x(c, n)) || ')'
                ELSE columns->>(col - 1) END
      FROM pg_catalog.sparkctl_keys WHERE oid = key
$$;
CREATE OR REPLACE FUNCTION pg_catalog.pg_get_indexdef(i oid) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN i >= 3000000000 THEN sparkctl_key_index(i, 0) ELSE sparkctl_pg_pg_get_indexdef(i) END
$$;
CREATE OR REPLACE FUNCTION pg_catalog.pg_get_indexdef(i oid, col int4, pretty bool) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN i >= 3000000000 THEN sparkctl_key_index(i, col) ELSE sparkctl_pg_pg_get_indexdef(i, col, pretty) END
$$;

-- The catalogue as clients are to see it. The dialect puts these views in the place of the tables: checks of ours are
-- not shown, keys are, and so are the columns that PostgreSQL 15 has no more.
DROP VIEW IF EXISTS pg_catalog.sparkctl_pg_constraint, pg_catalog.sparkctl_pg_index, pg_catalog.sparkctl_pg_class,
    pg_catalog.sparkctl_pg_depend, pg_catalog.sparkctl_pg_attribute, pg_catalog.sparkctl_pg_attrdef;
CREATE VIEW pg_catalog.sparkctl_pg_constraint AS
SELECT c.oid, c.conname, c.connamespace, c.contype, c.condeferrable, c.condeferred, c.convalidated, c.conrelid,
       c.contypid, c.conindid, c.conparentid, c.confrelid, c.confupdtype, c.confdeltype, c.confmatchtype, c.conislocal,
       c.coninhcount, c.connoinherit, c.conkey, c.confkey, c.conpfeqop, c.conppeqop, c.conffeqop, c.confdelsetcols,
       c.conexclop, c.conbin, pg_get_expr(c.conbin, c.conrelid) AS consrc, c.tableoid
  FROM pg_catalog.pg_constraint c
 WHERE c.contype <> 'c' OR pg_get_expr(c.conbin, c.conrelid) !~ 'sparkctl_'
UNION ALL
SELECT k.oid, k.name, k.namespace, (CASE k.kind WHEN 'primary' THEN 'p' WHEN 'unique' THEN 'u' ELSE 'f' END)::"char",
       false, false, false, k.tbl, 0::oid, CASE WHEN k.kind = 'foreign' THEN COALESCE(sparkctl_key_oid(k.to_tbl, k.to_key), 0)
                                                ELSE k.oid END,
       0::oid, COALESCE(k.to_tbl, 0), (CASE WHEN k.kind = 'foreign' THEN 'a' ELSE ' ' END)::"char",
       (CASE WHEN k.kind = 'foreign' THEN 'a' ELSE ' ' END)::"char",
       (CASE WHEN k.kind = 'foreign' THEN 's' ELSE ' ' END)::"char", true, 0, true,
       sparkctl_column_numbers(k.tbl, k.columns), sparkctl_column_numbers(k.to_tbl, k.to_columns), NULL::oid[],
       NULL::oid[], NULL::oid[], NULL::int2[], NULL::oid[], NULL::pg_node_tree, NULL::text,
       'pg_constraint'::regclass
  FROM pg_catalog.sparkctl_keys k;
CREATE VIEW pg_catalog.sparkctl_pg_index AS
SELECT i.*, i.tableoid FROM pg_catalog.pg_index i
UNION ALL
SELECT k.oid, k.tbl, n.count, n.count, true, false, k.kind = 'primary', false, true, false, true, false, true, true, false,
       array_to_string(sparkctl_column_numbers(k.tbl, k.columns), ' ')::int2vector, NULL::oidvector, NULL::oidvector,
       repeat('0 ', n.count)::int2vector, NULL::pg_node_tree, NULL::pg_node_tree, 'pg_index'::regclass
  FROM pg_catalog.sparkctl_keys k
 CROSS JOIN LATERAL (SELECT jsonb_array_length(k.columns)::int2 AS count) n
 WHERE k.kind <> 'foreign';
CREATE VIEW pg_catalog.sparkctl_pg_class AS
SELECT c.oid, c.relname, c.relnamespace, c.reltype, c.reloftype, c.relowner, c.relam, c.relfilenode, c.reltablespace,
       c.relpages, c.reltuples, c.relallvisible, c.reltoastrelid, c.relhasindex OR k.has_index AS relhasindex,
       c.relisshared, c.relpersistence, c.relkind, c.relnatts, c.relchecks, c.relhasrules,
       c.relhastriggers OR k.has_foreign AS relhastriggers, c.relhassubclass, c.relrowsecurity, c.relforcerowsecurity,
       c.relispopulated, c.relreplident, c.relispartition, c.relrewrite, c.relfrozenxid, c.relminmxid, c.relacl,
       c.reloptions, c.relpartbound, i.relhaspkey, i.reldiststyle, i.releffectivediststyle, i.relcreationtime, false AS relhasoids,
       0::int2 AS reltriggers, c.tableoid
  FROM pg_catalog.pg_class c
  LEFT JOIN pg_catalog.pg_class_info i ON i.reloid = c.oid
  LEFT JOIN pg_catalog.sparkctl_table_attributes s ON s.reloid = c.oid
 CROSS JOIN LATERAL (SELECT COALESCE(s.attributes->'keys' @> '[{"kind":"primary"}]'
                                     OR s.attributes->'keys' @> '[{"kind":"unique"}]', false) AS has_index,
                            COALESCE(s.attributes->'keys' @> '[{"kind":"foreign"}]'
                                     OR s.attributes->'keys' @> '[{"kind":"primary"}]', false) AS has_foreign) k
UNION ALL
SELECT k.oid, k.name, k.namespace, 0::oid, 0::oid, k.owner, a.oid, 0::oid, 0::oid, 0, 0::float4, 0, 0::oid, false, false,
       'p'::"char", 'i'::"char", jsonb_array_length(k.columns)::int2, 0::int2, false, false, false, false, false, true,
       'n'::"char", false, 0::oid, '0'::xid, '0'::xid, NULL::aclitem[], NULL::text[], NULL::pg_node_tree, false, 0::int2,
       0::int2, NULL::timestamp, false, 0::int2, 'pg_class'::regclass
  FROM pg_catalog.sparkctl_keys k JOIN pg_catalog.pg_am a ON a.amname = 'btree'
 WHERE k.kind <> 'foreign';
CREATE VIEW pg_catalog.sparkctl_pg_depend AS
SELECT d.*, d.tableoid FROM pg_catalog.pg_depend d
UNION ALL
SELECT 'pg_constraint'::regclass, k.oid, 0, 'pg_class'::regclass, sparkctl_key_oid(k.to_tbl, k.to_key), 0, 'n'::"char", 'pg_depend'::regclass
  FROM pg_catalog.sparkctl_keys k WHERE k.kind = 'foreign' AND k.to_key IS NOT NULL;
CREATE VIEW pg_catalog.sparkctl_pg_attribute AS
SELECT a.*, i.attisdistkey, i.attsortkeyord, i.attencodingtype, a.tableoid
  FROM pg_catalog.pg_attribute a
  JOIN pg_catalog.pg_attribute_info i ON i.attrelid = a.attrelid AND i.attnum = a.attnum;
CREATE VIEW pg_catalog.sparkctl_pg_attrdef AS
SELECT d.*, pg_get_expr(d.adbin, d.adrelid) AS adsrc, d.tableoid FROM pg_catalog.pg_attrdef d;

-- The same in information_schema, whose own views stay under another name.
DO $$DECLARE
    v text;
BEGIN
    FOREACH v IN ARRAY ARRAY['table_constraints', 'key_column_usage', 'constraint_column_usage', 'referential_constraints',
                             'check_constraints'] LOOP
        IF to_regclass('information_schema.sparkctl_' || v) IS NULL THEN
            EXECUTE format('ALTER VIEW information_schema.%I RENAME TO %I', v, 'sparkctl_' || v);
        ELSE
            EXECUTE format('DROP VIEW IF EXISTS information_schema.%I', v);
        END IF;
    END LOOP;
END$$;
CREATE VIEW information_schema.check_constraints AS
SELECT * FROM information_schema.sparkctl_check_constraints WHERE check_clause !~ 'sparkctl_' AND check_clause !~ ' IS NOT NULL$';
CREATE VIEW information_schema.table_constraints AS
SELECT * FROM information_schema.sparkctl_table_constraints WHERE constraint_type <> 'CHECK'
UNION ALL
SELECT current_database()::information_schema.sql_identifier, n.nspname::information_schema.sql_identifier,
       k.name::information_schema.sql_identifier, current_database()::information_schema.sql_identifier,
       n.nspname::information_schema.sql_identifier, k.table_name::information_schema.sql_identifier,
       (CASE k.kind WHEN 'primary' THEN 'PRIMARY KEY' WHEN 'unique' THEN 'UNIQUE' ELSE 'FOREIGN KEY' END)
           ::information_schema.character_data,
       'NO'::information_schema.yes_or_no, 'NO'::information_schema.yes_or_no, 'NO'::information_schema.yes_or_no,
       NULL::information_schema.yes_or_no
  FROM pg_catalog.sparkctl_keys k JOIN pg_catalog.pg_namespace n ON n.oid = k.namespace
 WHERE pg_has_role(k.owner, 'USAGE') OR has_table_privilege(k.tbl, 'INSERT, UPDATE, DELETE, REFERENCES');
CREATE VIEW information_schema.key_column_usage AS
SELECT * FROM information_schema.sparkctl_key_column_usage
UNION ALL
SELECT current_database()::information_schema.sql_identifier, n.nspname::information_schema.sql_identifier,
       k.name::information_schema.sql_identifier, current_database()::information_schema.sql_identifier,
       n.nspname::information_schema.sql_identifier, k.table_name::information_schema.sql_identifier,
       c.name::information_schema.sql_identifier, c.n::information_schema.cardinal_number,
       (CASE WHEN k.kind = 'foreign' THEN c.n END)::information_schema.cardinal_number
  FROM pg_catalog.sparkctl_keys k
  JOIN pg_catalog.pg_namespace n ON n.oid = k.namespace
 CROSS JOIN LATERAL jsonb_array_elements_text(k.columns) WITH ORDINALITY c(name, n)
 WHERE pg_has_role(k.owner, 'USAGE') OR has_table_privilege(k.tbl, 'SELECT, INSERT, UPDATE, REFERENCES');
CREATE VIEW information_schema.constraint_column_usage AS
SELECT u.* FROM information_schema.sparkctl_constraint_column_usage u
 WHERE NOT EXISTS (SELECT FROM information_schema.sparkctl_check_constraints c
                    WHERE c.constraint_schema = u.constraint_schema AND c.constraint_name = u.constraint_name
                      AND c.check_clause ~ 'sparkctl_')
UNION ALL
SELECT current_database()::information_schema.sql_identifier, n.nspname::information_schema.sql_identifier,
       COALESCE(k.to_table, k.table_name)::information_schema.sql_identifier, c.name::information_schema.sql_identifier,
       current_database()::information_schema.sql_identifier,
       (SELECT nspname FROM pg_namespace WHERE oid = k.namespace)::information_schema.sql_identifier,
       k.name::information_schema.sql_identifier
  FROM pg_catalog.sparkctl_keys k
  JOIN pg_catalog.pg_namespace n ON n.oid = COALESCE(k.to_namespace, k.namespace)
 CROSS JOIN LATERAL jsonb_array_elements_text(CASE WHEN k.kind = 'foreign' THEN k.to_columns ELSE k.columns END) c(name)
 WHERE pg_has_role(k.owner, 'USAGE');
CREATE VIEW information_schema.referential_constraints AS
SELECT * FROM information_schema.sparkctl_referential_constraints
UNION ALL
SELECT current_database()::information_schema.sql_identifier, n.nspname::information_schema.sql_identifier,
       k.name::information_schema.sql_identifier, current_database()::information_schema.sql_identifier,
       tn.nspname::information_schema.sql_identifier, k.to_key::information_schema.sql_identifier,
       'NONE'::information_schema.character_data, 'NO ACTION'::information_schema.character_data,
       'NO ACTION'::information_schema.character_data
  FROM pg_catalog.sparkctl_keys k
  JOIN pg_catalog.pg_namespace n ON n.oid = k.namespace
  LEFT JOIN pg_catalog.pg_namespace tn ON tn.oid = k.to_namespace
 WHERE k.kind = 'foreign' AND (pg_has_role(k.owner, 'USAGE') OR has_table_privilege(k.tbl, 'INSERT, UPDATE, DELETE, REFERENCES'));
GRANT SELECT ON pg_catalog.sparkctl_keys, pg_catalog.sparkctl_pg_constraint, pg_catalog.sparkctl_pg_index,
    pg_catalog.sparkctl_pg_class, pg_catalog.sparkctl_pg_depend, pg_catalog.sparkctl_pg_attribute,
    pg_catalog.sparkctl_pg_attrdef, information_schema.table_constraints,
    information_schema.key_column_usage, information_schema.constraint_column_usage,
    information_schema.referential_constraints, information_schema.check_constraints TO PUBLIC;
