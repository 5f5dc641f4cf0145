-- The dialect leaves what it took out of a CREATE TABLE in a comment of the statement; this trigger moves it from there
-- to sparkctl_table_attributes, under the table's new identity, in the statement's own transaction.
CREATE FUNCTION pg_catalog.sparkctl_record_table() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog AS $$
DECLARE
    made record;
    said jsonb;
BEGIN
    IF position('/*sparkctl:{' IN current_query()) = 0 THEN
        RETURN;
    END IF;
    FOR made IN SELECT DISTINCT c.oid, c.relname FROM pg_event_trigger_ddl_commands() d
                  JOIN pg_class c ON d.classid = 'pg_class'::regclass AND c.oid = d.objid
                 WHERE c.relkind IN ('r', 'm') LOOP
        BEGIN
            SELECT m[1]::jsonb INTO said
              FROM regexp_matches(current_query(), '/[*]sparkctl:([{].*?[}])[*]/', 'g') AS m
             WHERE (m[1]::jsonb)->>'table' = made.relname
             LIMIT 1;
        EXCEPTION WHEN data_exception THEN
            said := NULL;
        END;
        IF said IS NOT NULL THEN
            INSERT INTO pg_catalog.sparkctl_table_attributes (reloid, attributes) VALUES (made.oid, said)
                ON CONFLICT (reloid) DO UPDATE SET attributes = excluded.attributes;
        END IF;
    END LOOP;
END $$;
CREATE EVENT TRIGGER sparkctl_record_table ON ddl_command_end
    WHEN TAG IN ('CREATE TABLE', 'CREATE TABLE AS', 'SELECT INTO', 'CREATE MATERIALIZED VIEW')
    EXECUTE FUNCTION pg_catalog.sparkctl_record_table();

CREATE FUNCTION pg_catalog.sparkctl_forget_table() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog AS $$
BEGIN
    DELETE FROM pg_catalog.sparkctl_table_attributes a
     USING pg_event_trigger_dropped_objects() d
     WHERE d.classid = 'pg_class'::regclass AND d.objsubid = 0 AND a.reloid = d.objid;
END $$;
CREATE EVENT TRIGGER sparkctl_forget_table ON sql_drop
    WHEN TAG IN ('DROP TABLE', 'DROP SCHEMA', 'DROP OWNED', 'DROP MATERIALIZED VIEW')
    EXECUTE FUNCTION pg_catalog.sparkctl_forget_table();
REVOKE ALL ON FUNCTION pg_catalog.sparkctl_record_table(), pg_catalog.sparkctl_forget_table() FROM PUBLIC;

-- Raised by the checks that hold VARCHAR columns to their length in bytes.
CREATE FUNCTION pg_catalog.sparkctl_too_long(max int4) RETURNS bool LANGUAGE plpgsql STABLE AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = '22001', MESSAGE = 'value too long for type character varying(' || max || ')';
END $$;

CREATE VIEW pg_catalog.pg_table_def AS
SELECT n.nspname AS schemaname, c.relname AS tablename, a.attname AS "column",
       format_type(a.atttypid, a.atttypmod)::char(128) AS type,
       COALESCE(s.attributes->'encode'->>a.attname,
                CASE WHEN s.attributes->'sortkey' ? a.attname THEN 'none'
                     WHEN a.atttypid IN ('bool'::regtype, 'float4'::regtype, 'float8'::regtype) THEN 'none'
                     WHEN a.atttypid IN ('varchar'::regtype, 'bpchar'::regtype, 'text'::regtype) THEN 'lzo'
                     ELSE 'az64' END)::char(32) AS encoding,
       COALESCE(s.attributes->>'distkey' = a.attname, false) AS distkey,
       COALESCE((SELECT k.ord::int4 * CASE WHEN s.attributes->>'sortstyle' = 'interleaved' AND k.ord % 2 = 0
                                           THEN -1 ELSE 1 END
                   FROM jsonb_array_elements_text(s.attributes->'sortkey') WITH ORDINALITY k(name, ord)
                  WHERE k.name = a.attname), 0) AS sortkey,
       a.attnotnull AS "notnull"
  FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  LEFT JOIN pg_catalog.sparkctl_table_attributes s ON s.reloid = c.oid
 WHERE c.relkind IN ('r', 'p') AND n.nspname = ANY (current_schemas(true)) AND n.nspname !~ '^pg_toast';

CREATE FUNCTION pg_catalog.sparkctl_diststyle(said jsonb) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN said->>'distkey' IS NOT NULL THEN 'KEY(' || (said->>'distkey') || ')'
                WHEN said->>'diststyle' = 'even' THEN 'EVEN'
                WHEN said->>'diststyle' = 'all' THEN 'ALL'
                ELSE 'AUTO(ALL)' END
$$;
-- pg_class counts rows when a table is analysed only; statistics of changes are current.
CREATE VIEW pg_catalog.svv_table_info AS
SELECT current_database()::text AS "database", n.nspname::text AS schema, c.oid AS table_id, c.relname::text AS "table",
       'Y, AUTO(ENCODE)'::text AS encoded, sparkctl_diststyle(s.attributes) AS diststyle,
       COALESCE(CASE WHEN s.attributes->>'sortstyle' = 'interleaved' THEN 'INTERLEAVED'
                     ELSE s.attributes->'sortkey'->>0 END, 'AUTO(SORTKEY)') AS sortkey1,
       COALESCE((SELECT max(a.atttypmod - 4) FROM pg_attribute a
                  WHERE a.attrelid = c.oid AND a.atttypid = 'varchar'::regtype AND a.atttypmod > 4), 0)::int4
           AS max_varchar,
       'none'::char(32) AS sortkey1_enc,
       COALESCE(jsonb_array_length(s.attributes->'sortkey'), 0)::int4 AS sortkey_num,
       GREATEST(1, pg_relation_size(c.oid) / 1048576)::int8 AS size, 0.0::numeric(10,4) AS pct_used, 0::int8 AS empty,
       0::numeric(5,2) AS unsorted, 0::numeric(5,2) AS stats_off, r.rows::numeric(38,0) AS tbl_rows,
       1::numeric(19,2) AS skew_sortkey1, 1::numeric(19,2) AS skew_rows,
       r.rows::numeric(38,0) AS estimated_visible_rows, NULL::text AS risk_event,
       NULL::numeric(12,2) AS vacuum_sort_benefit, s.created AS create_time
  FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN sparkctl_table_attributes s ON s.reloid = c.oid
 CROSS JOIN LATERAL (SELECT GREATEST(pg_stat_get_live_tuples(c.oid), c.reltuples::int8, 0) AS rows) r
 WHERE c.relkind = 'r' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
   AND pg_relation_size(c.oid) > 0;
GRANT SELECT ON pg_catalog.pg_table_def, pg_catalog.svv_table_info TO PUBLIC;
