-- What statements of Redshift become that PostgreSQL does not have: the dialect calls these.

-- No user of a cluster may run programs or touch files of the machine, and none may be given the right: whoever makes
-- roles in PostgreSQL could hand out these, so a cluster has none of them.
DELETE FROM pg_catalog.pg_authid
 WHERE rolname IN ('pg_execute_server_program', 'pg_read_server_files', 'pg_write_server_files');

CREATE OR REPLACE FUNCTION pg_catalog.sparkctl_need_relation(schema text, name text, kinds "char"[], what text) RETURNS oid
    LANGUAGE plpgsql STABLE AS $$
DECLARE found oid := pg_catalog.to_regclass(pg_catalog.sparkctl_qualified(schema, name));
BEGIN
    IF found IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = '42P01',
            MESSAGE = 'relation "' || CASE schema WHEN '' THEN '' ELSE schema || '.' END || name || '" does not exist';
    END IF;
    IF NOT (SELECT relkind = ANY (kinds) FROM pg_catalog.pg_class WHERE oid = found) THEN
        RAISE EXCEPTION USING ERRCODE = '42809', MESSAGE = '"' || name || '" is not a ' || what;
    END IF;
    RETURN found;
END $$;

-- ---- ALTER TABLE APPEND ----
CREATE OR REPLACE FUNCTION pg_catalog.sparkctl_columns_of(tbl oid) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT COALESCE(jsonb_object_agg(attname, format_type(atttypid, atttypmod)), '{}') FROM pg_catalog.pg_attribute
     WHERE attrelid = tbl AND attnum > 0 AND NOT attisdropped
$$;
CREATE OR REPLACE PROCEDURE pg_catalog.sparkctl_append(to_schema text, to_name text, from_schema text, from_name text, mode text)
    LANGUAGE plpgsql AS $$
DECLARE
    target oid := pg_catalog.sparkctl_need_relation(to_schema, to_name, '{r}', 'table');
    source oid := pg_catalog.sparkctl_need_relation(from_schema, from_name, '{r}', 'table');
    ours jsonb := pg_catalog.sparkctl_columns_of(target);
    theirs jsonb := pg_catalog.sparkctl_columns_of(source);
    names text;
    odd text;
BEGIN
    IF target = source THEN
        RAISE EXCEPTION USING ERRCODE = '42809', MESSAGE = 'cannot append a table to itself';
    END IF;
    SELECT k INTO odd FROM jsonb_object_keys(theirs) k WHERE NOT ours ? k LIMIT 1;
    IF odd IS NOT NULL AND mode <> 'ignoreextra' THEN
        RAISE EXCEPTION USING ERRCODE = '42804', MESSAGE = format('column "%s" of source table "%s" is not in target table "%s"',
            odd, from_name, to_name), HINT = 'IGNOREEXTRA discards it';
    END IF;
    SELECT k INTO odd FROM jsonb_object_keys(ours) k WHERE NOT theirs ? k LIMIT 1;
    IF odd IS NOT NULL AND mode <> 'filltarget' THEN
        RAISE EXCEPTION USING ERRCODE = '42804', MESSAGE = format('column "%s" of target table "%s" is not in source table "%s"',
            odd, to_name, from_name), HINT = 'FILLTARGET fills it with its default';
    END IF;
    SELECT k INTO odd FROM jsonb_object_keys(ours) k WHERE theirs ? k AND theirs->>k <> ours->>k LIMIT 1;
    IF odd IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = '42804', MESSAGE = format('column "%s" has another type in source table "%s"', odd, from_name);
    END IF;
    SELECT string_agg(quote_ident(k), ', ') INTO names FROM jsonb_object_keys(ours) k WHERE theirs ? k;
    EXECUTE format('WITH moved AS (DELETE FROM %s RETURNING *) INSERT INTO %s (%s) OVERRIDING SYSTEM VALUE SELECT %s FROM moved',
                   source::regclass, target::regclass, names, names);
END $$;

-- ---- CANCEL ----
CREATE OR REPLACE PROCEDURE pg_catalog.sparkctl_cancel(pid int4) LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_catalog.pg_cancel_backend(pid);
END $$;

-- ---- ANALYZE COMPRESSION ----
-- No sample is taken: the encoding that AUTO chooses for the type, and no promise of a reduction for what has it already.
CREATE OR REPLACE FUNCTION pg_catalog.sparkctl_analyze_compression(schema text, name text, columns text[])
    RETURNS TABLE ("Table" char(64), "Column" char(64), "Encoding" char(12), "Est_reduction_pct" char(12))
    LANGUAGE plpgsql STABLE AS $$
DECLARE
    tbl oid;
    missing text;
BEGIN
    IF name <> '' THEN
        tbl := pg_catalog.sparkctl_need_relation(schema, name, '{r}', 'table');
        SELECT c INTO missing FROM unnest(columns) c
         WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_attribute a WHERE a.attrelid = tbl AND a.attname = c AND a.attnum > 0);
        IF missing IS NOT NULL THEN
            RAISE EXCEPTION USING ERRCODE = '42703', MESSAGE = format('column "%s" of relation "%s" does not exist', missing, name);
        END IF;
    END IF;
    RETURN QUERY
    SELECT c.relname::char(64), a.attname::char(64),
           (CASE WHEN s.attributes->'sortkey' ? a.attname THEN 'raw'
                 WHEN a.atttypid IN ('bool'::regtype, 'float4'::regtype, 'float8'::regtype, 'jsonb'::regtype,
                                     'bytea'::regtype, 'varchar'::regtype, 'bpchar'::regtype) THEN 'zstd'
                 ELSE 'az64' END)::char(12), '0.00'::char(12)
      FROM pg_catalog.pg_class c
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
      LEFT JOIN pg_catalog.sparkctl_table_attributes s ON s.reloid = c.oid
     WHERE c.relkind = 'r' AND (c.oid = tbl OR (tbl IS NULL AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'))
       AND (columns = '{}' OR a.attname = ANY (columns))
     ORDER BY n.nspname, c.relname, a.attnum;
END $$;

-- ---- SHOW ----
CREATE OR REPLACE FUNCTION pg_catalog.sparkctl_show_column(tbl oid, col text, said jsonb) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT quote_ident(a.attname) || ' ' || CASE a.atttypid WHEN 'jsonb'::regtype THEN 'super' WHEN 'bytea'::regtype THEN 'varbyte'
                                                 ELSE format_type(a.atttypid, a.atttypmod) END
           || COALESCE((SELECT CASE a.attidentity WHEN 'd' THEN ' generated by default as identity(' ELSE ' identity(' END
                               || q.seqstart || ',' || q.seqincrement || ')'
                          FROM pg_catalog.pg_sequence q
                         WHERE a.attidentity <> ''
                           AND q.seqrelid = pg_get_serial_sequence(tbl::regclass::text, a.attname)::regclass), '')
           || COALESCE((SELECT ' DEFAULT ' || pg_get_expr(d.adbin, d.adrelid) FROM pg_catalog.pg_attrdef d
                         WHERE d.adrelid = tbl AND d.adnum = a.attnum), '')
           || CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END
           || COALESCE(' ENCODE ' || NULLIF(COALESCE(said->'encode'->>a.attname,
                  CASE WHEN said->'sortkey' ? a.attname OR c.relpersistence = 't'
                            OR a.atttypid IN ('bool'::regtype, 'float4'::regtype, 'float8'::regtype) THEN 'none'
                       WHEN a.atttypid IN ('varchar'::regtype, 'bpchar'::regtype, 'bytea'::regtype) THEN 'lzo'
                       WHEN a.atttypid = 'jsonb'::regtype THEN 'zstd' ELSE 'az64' END), 'none'), '')
           || CASE WHEN said->>'distkey' = a.attname THEN ' distkey' ELSE '' END
           || CASE WHEN a.attcollation = (SELECT l.oid FROM pg_catalog.pg_collation l
                                           WHERE l.collname = 'case_insensitive' AND l.collnamespace = 'pg_catalog'::regnamespace)
                   THEN ' COLLATE case_insensitive' ELSE '' END
      FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
     WHERE a.attrelid = tbl AND a.attname = col
$$;
CREATE OR REPLACE FUNCTION pg_catalog.sparkctl_show_key(k jsonb) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT CASE k->>'kind' WHEN 'primary' THEN 'PRIMARY KEY' WHEN 'unique' THEN 'UNIQUE' ELSE 'FOREIGN KEY' END || ' ('
           || (SELECT string_agg(quote_ident(c), ', ' ORDER BY n) FROM jsonb_array_elements_text(k->'columns') WITH ORDINALITY x(c, n))
           || ')' || COALESCE(' REFERENCES ' || (SELECT format('%I.%I', n.nspname, c.relname) FROM pg_catalog.pg_class c
                  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = (k->>'to_oid')::oid)
           || COALESCE('(' || (SELECT string_agg(quote_ident(c), ', ' ORDER BY n)
                  FROM jsonb_array_elements_text(k->'to_columns') WITH ORDINALITY x(c, n)) || ')', ''), '')
$$;
CREATE OR REPLACE FUNCTION pg_catalog.sparkctl_show_table(schema text, name text)
    RETURNS TABLE ("Show Table DDL statement" varchar) LANGUAGE plpgsql STABLE AS $$
DECLARE
    tbl oid := pg_catalog.sparkctl_need_relation(schema, name, '{r}', 'table');
    said jsonb := COALESCE((SELECT attributes FROM pg_catalog.sparkctl_table_attributes WHERE reloid = tbl), '{}');
BEGIN
    RETURN QUERY
    SELECT ('CREATE ' || CASE c.relpersistence WHEN 't' THEN 'TEMPORARY ' ELSE '' END || 'TABLE '
            || CASE c.relpersistence WHEN 't' THEN '' ELSE quote_ident(n.nspname) || '.' END || quote_ident(c.relname) || E' (\n    '
            || (SELECT string_agg(pg_catalog.sparkctl_show_column(tbl, a.attname, said), E',\n    ' ORDER BY a.attnum)
                  FROM pg_catalog.pg_attribute a WHERE a.attrelid = tbl AND a.attnum > 0 AND NOT a.attisdropped)
            || COALESCE((SELECT string_agg(E',\n    ' || pg_catalog.sparkctl_show_key(k), '' ORDER BY i)
                           FROM jsonb_array_elements(said->'keys') WITH ORDINALITY x(k, i)), '')
            || E'\n)\nDISTSTYLE ' || CASE WHEN said ? 'distkey' THEN 'KEY' ELSE upper(COALESCE(said->>'diststyle', 'auto')) END
            || COALESCE(E'\n' || CASE said->>'sortstyle' WHEN 'interleaved' THEN 'INTERLEAVED ' ELSE '' END || 'SORTKEY ( '
               || (SELECT string_agg(quote_ident(k), ', ' ORDER BY i)
                     FROM jsonb_array_elements_text(said->'sortkey') WITH ORDINALITY x(k, i)) || ' )', '') || ';')::varchar
      FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = tbl;
END $$;
CREATE OR REPLACE FUNCTION pg_catalog.sparkctl_show_view(schema text, name text)
    RETURNS TABLE ("Show View DDL statement" varchar) LANGUAGE plpgsql STABLE AS $$
DECLARE
    view oid := pg_catalog.sparkctl_need_relation(schema, name, '{v,m}', 'view');
    late record;
BEGIN
    SELECT * INTO late FROM pg_catalog.sparkctl_late_views WHERE reloid = view;
    RETURN QUERY
    SELECT ('CREATE ' || CASE c.relkind WHEN 'm' THEN 'MATERIALIZED ' ELSE '' END || 'VIEW '
            || format('%I.%I', n.nspname, c.relname) || E' AS\n'
            || rtrim(COALESCE(late.query, pg_get_viewdef(view)), E'; \n')
            || CASE WHEN late.query IS NULL THEN '' ELSE E'\nWITH NO SCHEMA BINDING' END || ';')::varchar
      FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = view;
END $$;
-- The procedure with these input parameters: types as they were written, a name may stand before each. Those for output,
-- which stand behind the others with a default, may be among them.
CREATE OR REPLACE FUNCTION pg_catalog.sparkctl_procedure(schema text, name text, types text[]) RETURNS oid LANGUAGE plpgsql STABLE AS $$
DECLARE
    written text;
    found oid;
    wanted oid[] := '{}';
BEGIN
    FOREACH written IN ARRAY types LOOP
        written := pg_catalog.sparkctl_pg_regexp_replace(pg_catalog.btrim(written, E' \t\r\n'), '^nvarchar', 'varchar', 'i');
        BEGIN
            found := pg_catalog.to_regtype(written);
        EXCEPTION WHEN syntax_error THEN
            found := NULL;
        END;
        IF found IS NULL AND pg_catalog.strpos(written, ' ') > 0 THEN
            BEGIN
                found := pg_catalog.to_regtype(pg_catalog.substr(written, pg_catalog.strpos(written, ' ') + 1));
            EXCEPTION WHEN syntax_error THEN
                found := NULL;
            END;
        END IF;
        wanted := wanted || COALESCE((SELECT NULLIF(typbasetype, 0) FROM pg_catalog.pg_type WHERE oid = found AND typtype = 'd'), found);
    END LOOP;
    RETURN (SELECT p.oid FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
             WHERE p.prokind = 'p' AND p.proname = name
               AND CASE schema WHEN '' THEN pg_catalog.pg_function_is_visible(p.oid) ELSE n.nspname = schema END
               AND (string_to_array(p.proargtypes::text, ' ')::oid[])[:p.pronargs - p.pronargdefaults] = wanted
             ORDER BY p.oid LIMIT 1);
END $$;
-- For the dialect: all its types, NULL when there are no more than that.
CREATE OR REPLACE FUNCTION pg_catalog.sparkctl_all_types(schema text, name text, types text) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT string_agg(pg_catalog.format_type(t.oid, NULL), ', ' ORDER BY t.at)
      FROM pg_catalog.pg_proc p, unnest(p.proargtypes::oid[]) WITH ORDINALITY AS t(oid, at)
     WHERE p.pronargdefaults > 0
       AND p.oid = pg_catalog.sparkctl_procedure(schema, name, pg_catalog.string_to_array(rtrim(types, E'\x02'), E'\x02'))
$$;
CREATE OR REPLACE FUNCTION pg_catalog.sparkctl_show_procedure(schema text, name text, arguments text DEFAULT NULL)
    RETURNS TABLE ("Show Stored Procedure DDL statement" varchar) LANGUAGE plpgsql STABLE AS $$
DECLARE made oid;
BEGIN
    IF arguments IS NOT NULL THEN
        made := COALESCE(pg_catalog.sparkctl_procedure(schema, name, pg_catalog.regexp_split_to_array(arguments, ',(?![^(]*[)])')),
                         pg_catalog.to_regprocedure(pg_catalog.sparkctl_qualified(schema, name) || '(' || arguments || ')'));
    END IF;
    RETURN QUERY
    SELECT pg_get_functiondef(p.oid)::varchar FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
     WHERE p.prokind = 'p' AND p.proname = name
       AND CASE schema WHEN '' THEN pg_catalog.pg_function_is_visible(p.oid) ELSE n.nspname = schema END
       AND (arguments IS NULL OR p.oid = made);
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = '42883', MESSAGE = 'procedure ' || name || COALESCE('(' || arguments || ')', '') || ' does not exist';
    END IF;
END $$;

CREATE OR REPLACE FUNCTION pg_catalog.sparkctl_need_database(name text) RETURNS void LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF name NOT IN ('', current_database()) THEN
        RAISE EXCEPTION USING ERRCODE = '0A000',
            MESSAGE = format('cross-database reference to database "%s" is not supported', name);
    END IF;
END $$;
CREATE OR REPLACE FUNCTION pg_catalog.sparkctl_need_schema(name text) RETURNS void LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF pg_catalog.to_regnamespace(quote_ident(name)) IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = '3F000', MESSAGE = format('schema "%s" does not exist', name);
    END IF;
END $$;
CREATE OR REPLACE FUNCTION pg_catalog.sparkctl_show_columns(database text, schema text, name text)
    RETURNS TABLE (database_name varchar, schema_name varchar, table_name varchar, column_name varchar, ordinal_position int4,
                   column_default varchar, is_nullable varchar, data_type varchar, character_maximum_length int4,
                   numeric_precision int4, numeric_scale int4, remarks varchar) LANGUAGE plpgsql STABLE AS $$
DECLARE tbl oid := pg_catalog.sparkctl_need_relation(schema, name, '{r,v,m}', 'table or view');
BEGIN
    PERFORM pg_catalog.sparkctl_need_database(database);
    RETURN QUERY
    SELECT current_database()::varchar, n.nspname::varchar, c.relname::varchar, a.attname::varchar,
           (row_number() OVER (ORDER BY a.attnum))::int4, pg_get_expr(d.adbin, d.adrelid)::varchar,
           (CASE WHEN a.attnotnull THEN 'NO' ELSE 'YES' END)::varchar,
           (CASE a.atttypid WHEN 'jsonb'::regtype THEN 'super' WHEN 'bytea'::regtype THEN 'binary varying'
                 ELSE format_type(a.atttypid, NULL) END)::varchar,
           CASE WHEN a.atttypid IN ('varchar'::regtype, 'bpchar'::regtype) AND a.atttypmod > 4 THEN a.atttypmod - 4 END,
           CASE WHEN a.atttypid = 'numeric'::regtype AND a.atttypmod > 4 THEN ((a.atttypmod - 4) >> 16) & 65535
                WHEN a.atttypid = 'int2'::regtype THEN 16 WHEN a.atttypid = 'int4'::regtype THEN 32
                WHEN a.atttypid = 'int8'::regtype THEN 64 END,
           CASE WHEN a.atttypid = 'numeric'::regtype AND a.atttypmod > 4 THEN (a.atttypmod - 4) & 2047
                WHEN a.atttypid IN ('int2'::regtype, 'int4'::regtype, 'int8'::regtype) THEN 0 END,
           col_description(tbl, a.attnum)::varchar
      FROM pg_catalog.pg_class c
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
      LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
     WHERE c.oid = tbl ORDER BY a.attnum;
END $$;
CREATE OR REPLACE FUNCTION pg_catalog.sparkctl_show_tables(database text, schema text)
    RETURNS TABLE (database_name varchar, schema_name varchar, table_name varchar, table_type varchar, table_acl varchar,
                   remarks varchar) LANGUAGE plpgsql STABLE AS $$
BEGIN
    PERFORM pg_catalog.sparkctl_need_database(database), pg_catalog.sparkctl_need_schema(schema);
    RETURN QUERY
    SELECT current_database()::varchar, n.nspname::varchar, c.relname::varchar,
           (CASE c.relkind WHEN 'r' THEN 'TABLE' ELSE 'VIEW' END)::varchar, c.relacl::varchar, obj_description(c.oid)::varchar
      FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = schema AND c.relkind IN ('r', 'v', 'm') ORDER BY c.relname;
END $$;
CREATE OR REPLACE FUNCTION pg_catalog.sparkctl_show_schemas(database text)
    RETURNS TABLE (database_name varchar, schema_name varchar, schema_owner int4, schema_type varchar, schema_acl varchar,
                   source_database varchar, schema_option varchar) LANGUAGE plpgsql STABLE AS $$
BEGIN
    PERFORM pg_catalog.sparkctl_need_database(database);
    RETURN QUERY
    SELECT current_database()::varchar, n.nspname::varchar, n.nspowner::int4, 'local'::varchar, n.nspacl::varchar,
           NULL::varchar, NULL::varchar
      FROM pg_catalog.pg_namespace n WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' ORDER BY n.nspname;
END $$;
CREATE OR REPLACE FUNCTION pg_catalog.sparkctl_show_databases()
    RETURNS TABLE (database_name varchar, database_owner int4, database_type varchar, database_acl varchar,
                   parameters varchar, database_isolation_level varchar) LANGUAGE sql STABLE AS $$
    SELECT datname::varchar, datdba::int4, 'local'::varchar, datacl::varchar, NULL::varchar, 'Snapshot Isolation'::varchar
      FROM pg_catalog.pg_database WHERE datname NOT IN ('template0', 'template1', 'padb_harvest') ORDER BY datname
$$;
