-- What the dialect took out of a CREATE or ALTER TABLE travels in a comment of the statement, /*sparkctl:{...}*/; this
-- room moves it to sparkctl_table_attributes, under the table's identity, in the statement's own transaction. Members:
--   op, schema, table   "create", "alter" or "drop" (without CASCADE); the names as the statement has them
--   diststyle, distkey, sortstyle ("compound", "interleaved", "auto", "none"), sortkey [columns]
--   encode {column: encoding}, backup, auto_refresh
--   keys [{kind, name, columns, to_schema, to_table, to_columns, to_oid}]
--   like [schema, table], or from [schema, table], of which a CREATE TABLE AS is a copy; of ALTER only: drop_key, drop_column, rename [from, to]
-- sparkctl_table_attributes.attributes has the members from diststyle to keys.
CREATE OR REPLACE FUNCTION pg_catalog.sparkctl_qualified(schema text, name text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN COALESCE(schema, '') = '' THEN '' ELSE quote_ident(schema) || '.' END || quote_ident(name)
$$;

-- Do these columns exist? `what` names who asks.
CREATE OR REPLACE FUNCTION pg_catalog.sparkctl_need_columns(tbl oid, wanted jsonb, what text) RETURNS void LANGUAGE plpgsql
    SET search_path = pg_catalog AS $$
DECLARE missing text;
BEGIN
    SELECT w INTO missing FROM jsonb_array_elements_text(wanted) w
     WHERE NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = tbl AND a.attname = w AND a.attnum > 0
                          AND NOT a.attisdropped) LIMIT 1;
    IF missing IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = '42703', MESSAGE = format('column "%s" named in %s does not exist', missing, what);
    END IF;
END $$;

-- Names for keys that have none, as PostgreSQL would give them.
CREATE OR REPLACE FUNCTION pg_catalog.sparkctl_named_keys(tbl oid, keys jsonb) RETURNS jsonb LANGUAGE sql STABLE
    SET search_path = pg_catalog AS $$
    SELECT jsonb_agg(CASE WHEN k ? 'name' THEN k ELSE k || jsonb_build_object('name',
               (SELECT relname FROM pg_class WHERE oid = tbl) || CASE k->>'kind'
                   WHEN 'primary' THEN '_pkey'
                   ELSE COALESCE('_' || (SELECT string_agg(c, '_' ORDER BY n)
                                           FROM jsonb_array_elements_text(k->'columns') WITH ORDINALITY x(c, n)), '')
                        || CASE k->>'kind' WHEN 'unique' THEN '_key' ELSE '_fkey' END END) END ORDER BY i)
      FROM jsonb_array_elements(keys) WITH ORDINALITY y(k, i)
$$;

-- Columns of a table that was changed: attributes after `said`.
CREATE OR REPLACE FUNCTION pg_catalog.sparkctl_altered(tbl oid, old jsonb, said jsonb) RETURNS jsonb LANGUAGE plpgsql
    SET search_path = pg_catalog AS $$
DECLARE
    made jsonb := old;
    relation text := (SELECT relname FROM pg_class WHERE oid = tbl);
    gone text := said->>'drop_column';
    from_name text := said->'rename'->>0;
    to_name text := said->'rename'->>1;
BEGIN
    IF said ? 'diststyle' THEN
        made := made - 'distkey' || jsonb_strip_nulls(jsonb_build_object('diststyle', said->>'diststyle', 'distkey', said->>'distkey'));
    END IF;
    IF said ? 'sortstyle' THEN
        made := made - 'sortkey' || jsonb_strip_nulls(jsonb_build_object('sortstyle', said->>'sortstyle', 'sortkey', said->'sortkey'));
    END IF;
    IF said ? 'encode' THEN
        made := made || jsonb_build_object('encode', COALESCE(made->'encode', '{}') || (said->'encode'));
    END IF;
    IF said ? 'keys' THEN
        made := made || jsonb_build_object('keys', COALESCE(made->'keys', '[]') || (said->'keys'));
    END IF;
    IF said ? 'auto_refresh' THEN
        made := made || jsonb_build_object('auto_refresh', said->'auto_refresh');
    END IF;
    IF said ? 'drop_key' THEN
        IF NOT EXISTS (SELECT FROM jsonb_array_elements(made->'keys') k WHERE k->>'name' = said->>'drop_key') THEN
            RAISE EXCEPTION USING ERRCODE = '42704',
                MESSAGE = format('constraint "%s" of relation "%s" does not exist', said->>'drop_key', relation);
        END IF;
        made := made || jsonb_build_object('keys', COALESCE((SELECT jsonb_agg(k)
                  FROM jsonb_array_elements(made->'keys') k WHERE k->>'name' <> said->>'drop_key'), '[]'));
    END IF;
    IF gone IS NOT NULL AND made->>'distkey' = gone THEN
        RAISE EXCEPTION USING ERRCODE = '0A000', MESSAGE = format('cannot drop distkey column "%s"', gone);
    END IF;
    IF gone IS NOT NULL AND made->'sortkey' ? gone THEN
        RAISE EXCEPTION USING ERRCODE = '0A000', MESSAGE = format('cannot drop sortkey column "%s"', gone);
    END IF;
    IF gone IS NOT NULL AND made ? 'keys' THEN
        made := made || jsonb_build_object('keys', COALESCE((SELECT jsonb_agg(k)
                  FROM jsonb_array_elements(made->'keys') k WHERE NOT k->'columns' ? gone), '[]'));
    END IF;
    IF gone IS NOT NULL AND made ? 'encode' THEN
        made := made || jsonb_build_object('encode', (made->'encode') - gone);
    END IF;
    IF from_name IS NOT NULL THEN
        -- The check of its bytes is found by the column's name.
        UPDATE pg_constraint SET conname = 'sparkctl_bytes_' || to_name
         WHERE conrelid = tbl AND conname = 'sparkctl_bytes_' || from_name AND octet_length(to_name) <= 46;
        made := pg_catalog.sparkctl_renamed(made, from_name, to_name);
    END IF;
    RETURN made;
END $$;

CREATE OR REPLACE FUNCTION pg_catalog.sparkctl_renamed(list jsonb, from_name text, to_name text, in_list bool)
    RETURNS jsonb LANGUAGE sql IMMUTABLE SET search_path = pg_catalog AS $$
    SELECT COALESCE(jsonb_agg(CASE WHEN c = from_name THEN to_name ELSE c END ORDER BY n), '[]')
      FROM jsonb_array_elements_text(list) WITH ORDINALITY x(c, n)
$$;
CREATE OR REPLACE FUNCTION pg_catalog.sparkctl_renamed(said jsonb, from_name text, to_name text) RETURNS jsonb
    LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog AS $$
BEGIN
    IF said->>'distkey' = from_name THEN
        said := said || jsonb_build_object('distkey', to_name);
    END IF;
    IF said ? 'sortkey' THEN
        said := said || jsonb_build_object('sortkey', sparkctl_renamed(said->'sortkey', from_name, to_name, true));
    END IF;
    IF said->'encode' ? from_name THEN
        said := said || jsonb_build_object('encode', (said->'encode') - from_name
                        || jsonb_build_object(to_name, said->'encode'->from_name));
    END IF;
    IF said ? 'keys' THEN
        said := said || jsonb_build_object('keys', (SELECT COALESCE(jsonb_agg(
                    k || jsonb_build_object('columns', sparkctl_renamed(k->'columns', from_name, to_name, true))), '[]')
                      FROM jsonb_array_elements(said->'keys') k));
    END IF;
    RETURN said;
END $$;

-- What a copy takes along of its source's distribution and order: what was not said, of columns that are there.
CREATE OR REPLACE FUNCTION pg_catalog.sparkctl_inherited(tbl oid, source oid, said jsonb) RETURNS jsonb LANGUAGE plpgsql
    STABLE SET search_path = pg_catalog AS $$
DECLARE
    made jsonb := COALESCE((SELECT attributes FROM sparkctl_table_attributes WHERE reloid = source), '{}');
    names jsonb := (SELECT jsonb_agg(attname) FROM pg_attribute WHERE attrelid = tbl AND attnum > 0 AND NOT attisdropped);
BEGIN
    made := (SELECT COALESCE(jsonb_object_agg(key, value), '{}') FROM jsonb_each(made)
              WHERE key IN ('diststyle', 'distkey', 'sortstyle', 'sortkey'));
    IF said ? 'diststyle' OR said ? 'distkey' OR NOT names @> COALESCE(made->'distkey', '[]') THEN
        made := made - 'diststyle' - 'distkey';
    END IF;
    IF said ? 'sortstyle' OR said ? 'sortkey' OR NOT names @> COALESCE(made->'sortkey', '[]') THEN
        made := made - 'sortstyle' - 'sortkey';
    END IF;
    RETURN made;
END $$;

-- Whoever may not alter the table may not say anything about it.
CREATE OR REPLACE FUNCTION pg_catalog.sparkctl_store_attributes(tbl oid, said jsonb) RETURNS void LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    old jsonb := COALESCE((SELECT attributes FROM sparkctl_table_attributes WHERE reloid = tbl), '{}');
    parent jsonb;
    k jsonb;
BEGIN
    IF NOT pg_has_role(session_user, (SELECT relowner FROM pg_class WHERE oid = tbl), 'MEMBER') THEN
        RETURN;
    END IF;
    IF said ? 'keys' THEN
        said := said || jsonb_build_object('keys', sparkctl_named_keys(tbl, said->'keys'));
    END IF;
    IF said->>'op' = 'alter' THEN
        said := sparkctl_altered(tbl, old, said);
    ELSE
        SELECT attributes - 'keys' INTO parent FROM sparkctl_table_attributes WHERE reloid = (said->>'like_oid')::oid;
        IF said ? 'from_oid' THEN
            parent := sparkctl_inherited(tbl, (said->>'from_oid')::oid, said);
        END IF;
        said := COALESCE(parent, '{}') || (said - 'op' - 'schema' - 'table' - 'like' - 'like_oid' - 'from' - 'from_oid');
    END IF;
    PERFORM sparkctl_need_columns(tbl, jsonb_build_array(said->'distkey'), 'DISTKEY') WHERE said ? 'distkey';
    PERFORM sparkctl_need_columns(tbl, said->'sortkey', 'SORTKEY') WHERE said ? 'sortkey';
    PERFORM sparkctl_need_columns(tbl, (SELECT jsonb_agg(e) FROM jsonb_object_keys(said->'encode') e), 'ENCODE')
      WHERE said ? 'encode';
    FOR k IN SELECT jsonb_array_elements(said->'keys') LOOP
        PERFORM sparkctl_need_columns(tbl, k->'columns', 'key');
    END LOOP;
    IF (SELECT count(*) FROM jsonb_array_elements(said->'keys') p WHERE p->>'kind' = 'primary') > 1 THEN
        RAISE EXCEPTION USING ERRCODE = '42P16', MESSAGE = format('multiple primary keys for table "%s" are not allowed',
            (SELECT relname FROM pg_class WHERE oid = tbl));
    END IF;
    INSERT INTO sparkctl_table_attributes (reloid, attributes) VALUES (tbl, said)
        ON CONFLICT (reloid) DO UPDATE SET attributes = excluded.attributes;
END $$;

-- What keys refer to and LIKE copies is found on the user's own search_path: these two run as he does. A key may refer
-- to the table itself, which exists by then.
CREATE OR REPLACE FUNCTION pg_catalog.sparkctl_resolve_keys(keys jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    k jsonb;
    made jsonb := '[]'::jsonb;
    target oid;
BEGIN
    FOR k IN SELECT pg_catalog.jsonb_array_elements(keys) LOOP
        IF k ? 'to_table' THEN
            target := pg_catalog.to_regclass(pg_catalog.sparkctl_qualified(k->>'to_schema', k->>'to_table'));
            IF target IS NULL THEN
                RAISE EXCEPTION USING ERRCODE = '42P01', MESSAGE = 'relation "' ||
                    COALESCE(k->>'to_schema' || '.', '') || (k->>'to_table') || '" does not exist';
            END IF;
            PERFORM pg_catalog.sparkctl_need_columns(target, k->'to_columns', 'foreign key');
            k := k || pg_catalog.jsonb_build_object('to_oid', target::int8);
        END IF;
        made := made || pg_catalog.jsonb_build_array(k);
    END LOOP;
    RETURN made;
END $$;

-- The comments of that kind in a text, in its order.
CREATE OR REPLACE FUNCTION pg_catalog.sparkctl_comments(text text, op text) RETURNS SETOF jsonb LANGUAGE sql AS $$
    SELECT m[1]::pg_catalog.json::pg_catalog.jsonb
      FROM pg_catalog.regexp_matches(text, '/[*]sparkctl:([{].*?[}])[*]/', 'g') WITH ORDINALITY AS x(m, n)
     WHERE m[1]::pg_catalog.json->>'op' = op ORDER BY n
$$;
-- Every ALTER TABLE of a string has its comment, so the n-th that runs is the n-th that is told of.
CREATE OR REPLACE FUNCTION pg_catalog.sparkctl_next_alter() RETURNS int4 LANGUAGE plpgsql AS $$
DECLARE
    stamp text := pg_catalog.statement_timestamp()::text;
    last text := COALESCE(pg_catalog.current_setting('sparkctl.alters', true), '');
    n int4 := CASE WHEN pg_catalog.split_part(last, '|', 1) = stamp THEN pg_catalog.split_part(last, '|', 2)::int4 ELSE 0 END;
BEGIN
    PERFORM pg_catalog.set_config('sparkctl.alters', stamp || '|' || (n + 1), false);
    RETURN n;
END $$;

CREATE OR REPLACE FUNCTION pg_catalog.sparkctl_record_table() RETURNS event_trigger LANGUAGE plpgsql AS $$
DECLARE
    stack text;
    made record;
    said jsonb;
    op text := CASE WHEN TG_TAG LIKE 'ALTER%' THEN 'alter' ELSE 'create' END;
    skip int4 := 0;
BEGIN
    -- A statement of a procedure stands in the stack, innermost first; one of the client is the current query.
    GET DIAGNOSTICS stack = PG_CONTEXT;
    IF pg_catalog.strpos(stack, '/*sparkctl:{') = 0 THEN
        stack := pg_catalog.current_query();
        IF pg_catalog.strpos(stack, '/*sparkctl:{') = 0 THEN
            RETURN;
        END IF;
        IF op = 'alter' THEN
            skip := pg_catalog.sparkctl_next_alter();
        END IF;
    END IF;
    FOR made IN SELECT DISTINCT c.oid, c.relname, n.nspname FROM pg_catalog.pg_event_trigger_ddl_commands() d
                  JOIN pg_catalog.pg_class c ON d.classid = 'pg_catalog.pg_class'::regclass AND c.oid = d.objid
                  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                 WHERE c.relkind IN ('r', 'm') LOOP
        FOR said IN SELECT * FROM pg_catalog.sparkctl_comments(stack, op) OFFSET skip LOOP
            EXIT WHEN op = 'alter' AND said->>'table' IS DISTINCT FROM made.relname::text;
            CONTINUE WHEN said->>'table' IS DISTINCT FROM made.relname::text
                          OR (said ? 'schema' AND said->>'schema' <> made.nspname);
            IF said ? 'keys' THEN
                said := said || pg_catalog.jsonb_build_object('keys', pg_catalog.sparkctl_resolve_keys(said->'keys'));
            END IF;
            IF said ? 'like' THEN
                said := said || pg_catalog.jsonb_build_object('like_oid',
                    pg_catalog.to_regclass(pg_catalog.sparkctl_qualified(said->'like'->>0, said->'like'->>1))::oid::int8);
            END IF;
            IF said ? 'from' THEN
                said := said || pg_catalog.jsonb_build_object('from_oid',
                    pg_catalog.to_regclass(pg_catalog.sparkctl_qualified(said->'from'->>0, said->'from'->>1))::oid::int8);
            END IF;
            PERFORM pg_catalog.sparkctl_store_attributes(made.oid, said);
            EXIT;
        END LOOP;
    END LOOP;
END $$;
DROP EVENT TRIGGER IF EXISTS sparkctl_record_table;
CREATE EVENT TRIGGER sparkctl_record_table ON ddl_command_end
    WHEN TAG IN ('CREATE TABLE', 'CREATE TABLE AS', 'SELECT INTO', 'CREATE MATERIALIZED VIEW', 'ALTER TABLE')
    EXECUTE FUNCTION pg_catalog.sparkctl_record_table();

CREATE OR REPLACE FUNCTION pg_catalog.sparkctl_forget_table() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog AS $$
DECLARE
    stack text;
    needed record;
BEGIN
    GET DIAGNOSTICS stack = PG_CONTEXT;
    IF strpos(stack, '/*sparkctl:{') = 0 THEN
        stack := current_query();
    END IF;
    SELECT d.object_name AS name, k->>'name' AS key, a.reloid::regclass AS referrer INTO needed
      FROM pg_event_trigger_dropped_objects() d
      JOIN sparkctl_comments(stack, 'drop') said ON said->>'table' = d.object_name
                                                AND COALESCE(said->>'schema', d.schema_name) = d.schema_name
      CROSS JOIN sparkctl_table_attributes a
      CROSS JOIN jsonb_array_elements(a.attributes->'keys') k
     WHERE TG_TAG = 'DROP TABLE' AND d.original AND d.classid = 'pg_class'::regclass AND d.objsubid = 0
       AND (k->>'to_oid')::oid = d.objid
       AND NOT EXISTS (SELECT FROM pg_event_trigger_dropped_objects() o
                        WHERE o.classid = 'pg_class'::regclass AND o.objsubid = 0 AND o.objid = a.reloid)
     LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION USING ERRCODE = '2BP01',
            MESSAGE = format('cannot drop table %s because other objects depend on it', needed.name),
            DETAIL = format('constraint %s on table %s depends on table %s', needed.key, needed.referrer, needed.name),
            HINT = 'Use DROP ... CASCADE to drop the dependent objects too.';
    END IF;
    DELETE FROM pg_catalog.sparkctl_table_attributes a
     USING pg_event_trigger_dropped_objects() d
     WHERE d.classid = 'pg_class'::regclass AND d.objsubid = 0 AND a.reloid = d.objid;
    -- A key that refers to what is gone goes, too.
    UPDATE pg_catalog.sparkctl_table_attributes a
       SET attributes = a.attributes || jsonb_build_object('keys', COALESCE((SELECT jsonb_agg(k)
               FROM jsonb_array_elements(a.attributes->'keys') k
              WHERE NOT EXISTS (SELECT FROM pg_event_trigger_dropped_objects() d
                                 WHERE d.classid = 'pg_class'::regclass AND d.objid = (k->>'to_oid')::oid)), '[]'))
     WHERE EXISTS (SELECT FROM jsonb_array_elements(a.attributes->'keys') k, pg_event_trigger_dropped_objects() d
                    WHERE d.classid = 'pg_class'::regclass AND d.objsubid = 0 AND d.objid = (k->>'to_oid')::oid);
END $$;
DROP EVENT TRIGGER IF EXISTS sparkctl_forget_table;
CREATE EVENT TRIGGER sparkctl_forget_table ON sql_drop
    WHEN TAG IN ('DROP TABLE', 'DROP SCHEMA', 'DROP OWNED', 'DROP MATERIALIZED VIEW')
    EXECUTE FUNCTION pg_catalog.sparkctl_forget_table();
REVOKE ALL ON FUNCTION pg_catalog.sparkctl_forget_table() FROM PUBLIC;

-- Raised by the checks that hold VARCHAR and CHAR columns to their length in bytes.
CREATE OR REPLACE FUNCTION pg_catalog.sparkctl_too_long(max int4, type text DEFAULT 'character varying') RETURNS bool
    LANGUAGE plpgsql STABLE AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = '22001', MESSAGE = 'value too long for type ' || type || '(' || max || ')';
END $$;
