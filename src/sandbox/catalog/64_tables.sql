-- Tables, their columns, sizes and rows. Distribution, order and encodings come from what CREATE and ALTER TABLE said.

-- Rows that the caller's transaction would count. Small tables are counted, for statistics lag behind; of a large one
-- the last count is scaled to the size of today, as the planner does.
CREATE OR REPLACE FUNCTION pg_catalog.sparkctl_table_rows(t oid) RETURNS int8 LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog SET lock_timeout = '200ms' AS $$
DECLARE
    n int8;
    pages int8 := pg_relation_size(t) / 8192;
BEGIN
    IF pages = 0 THEN
        RETURN 0;
    END IF;
    IF pages < 32768 THEN
        BEGIN
            EXECUTE format('SELECT count(*) FROM ONLY %s', t::regclass) INTO n;
            RETURN n;
        EXCEPTION WHEN lock_not_available OR undefined_table THEN
            NULL;
        END;
    END IF;
    SELECT GREATEST(pg_stat_get_live_tuples(t),
                    CASE WHEN c.reltuples > 0 AND c.relpages > 0 THEN (c.reltuples / c.relpages * pages)::int8 ELSE 0 END)
      INTO n FROM pg_class c WHERE c.oid = t;
    RETURN COALESCE(n, 0);
END $$;

-- When a table was made. Its name puts it behind the trigger that keeps what the statement said.
CREATE OR REPLACE FUNCTION pg_catalog.sparkctl_time_table() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog AS $$
BEGIN
    INSERT INTO pg_catalog.sparkctl_table_attributes (reloid, attributes)
    SELECT DISTINCT c.oid, '{}'::jsonb
      FROM pg_event_trigger_ddl_commands() d
      JOIN pg_class c ON d.classid = 'pg_class'::regclass AND c.oid = d.objid
     WHERE c.relkind IN ('r', 'm') AND c.relpersistence <> 't'
        ON CONFLICT (reloid) DO NOTHING;
END $$;
REVOKE ALL ON FUNCTION pg_catalog.sparkctl_time_table() FROM PUBLIC;
DROP EVENT TRIGGER IF EXISTS sparkctl_time_table;
CREATE EVENT TRIGGER sparkctl_time_table ON ddl_command_end
    WHEN TAG IN ('CREATE TABLE', 'CREATE TABLE AS', 'SELECT INTO', 'CREATE MATERIALIZED VIEW')
    EXECUTE FUNCTION pg_catalog.sparkctl_time_table();

-- The encoding of a column: what was said, else what Redshift chooses.
CREATE OR REPLACE FUNCTION pg_catalog.sparkctl_column_encoding(said jsonb, name text, type oid, temporary bool) RETURNS text
    LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN lower(said->'encode'->>name) IN ('raw', 'none') THEN 'none'
                WHEN lower(said->'encode'->>name) <> 'auto' THEN lower(said->'encode'->>name)
                WHEN temporary OR said->'sortkey' ? name THEN 'none'
                WHEN type IN ('bool'::regtype, 'float4'::regtype, 'float8'::regtype) THEN 'none'
                WHEN type IN ('varchar'::regtype, 'bpchar'::regtype, 'text'::regtype, 'bytea'::regtype) THEN 'lzo'
                WHEN type = 'jsonb'::regtype THEN 'zstd'
                ELSE 'az64' END
$$;
-- Its place in the sort key, from 1; every second one of an interleaved key is negative; 0: it is in none.
CREATE OR REPLACE FUNCTION pg_catalog.sparkctl_column_sortkey(said jsonb, name text) RETURNS int4 LANGUAGE sql STABLE AS $$
    SELECT COALESCE((SELECT k.ord::int4 * CASE WHEN said->>'sortstyle' = 'interleaved' AND k.ord % 2 = 0 THEN -1 ELSE 1 END
                       FROM jsonb_array_elements_text(said->'sortkey') WITH ORDINALITY k(name, ord)
                      WHERE k.name = $2), 0)
$$;
CREATE OR REPLACE FUNCTION pg_catalog.sparkctl_diststyle(said jsonb) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN said->>'distkey' IS NOT NULL THEN 'KEY(' || (said->>'distkey') || ')'
                WHEN said->>'diststyle' = 'even' THEN 'EVEN'
                WHEN said->>'diststyle' = 'all' THEN 'ALL'
                ELSE 'AUTO(ALL)' END
$$;

DROP VIEW IF EXISTS pg_catalog.pg_table_def, pg_catalog.svv_table_info, pg_catalog.svv_diskusage,
    pg_catalog.stv_blocklist, pg_catalog.stv_tbl_perm, pg_catalog.stv_partitions,
    pg_catalog.stv_node_storage_capacity, pg_catalog.stl_analyze, pg_catalog.stl_vacuum,
    pg_catalog.svv_interleaved_columns, pg_catalog.svv_vacuum_summary, pg_catalog.svv_vacuum_progress,
    pg_catalog.sys_vacuum_history, pg_catalog.sys_analyze_history, pg_catalog.pg_class_info,
    pg_catalog.pg_attribute_info, pg_catalog.pg_database_info, pg_catalog.sparkctl_relations;

CREATE VIEW pg_catalog.pg_table_def AS
SELECT n.nspname AS schemaname, c.relname AS tablename, a.attname AS "column",
       sparkctl_type_name(a.atttypid, a.atttypmod)::char(128) AS type,
       sparkctl_column_encoding(s.attributes, a.attname, a.atttypid, c.relpersistence = 't')::char(32) AS encoding,
       COALESCE(s.attributes->>'distkey' = a.attname, false) AS distkey,
       sparkctl_column_sortkey(s.attributes, a.attname) AS sortkey, a.attnotnull AS "notnull"
  FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  LEFT JOIN pg_catalog.sparkctl_table_attributes s ON s.reloid = c.oid
 WHERE c.relkind IN ('r', 'p', 'm') AND n.nspname = ANY (current_schemas(true)) AND n.nspname !~ '^pg_toast'
   AND c.relname !~ '^(stl_)?sparkctl_';

-- The tables that are the users' own, with what is needed to tell their size.
CREATE VIEW pg_catalog.sparkctl_relations AS
SELECT c.oid, n.nspname AS schema, c.relname AS name, c.relowner AS owner, c.relpersistence = 't' AS temporary,
       s.attributes AS said, s.created, a.columns,
       -- One block of a megabyte per column at least, and three hidden columns, as on Redshift.
       GREATEST(1, ceil(pg_relation_size(c.oid) / 1048576.0 / (a.columns + 3)))::int4 AS blocks_per_column
  FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_catalog.sparkctl_table_attributes s ON s.reloid = c.oid
 CROSS JOIN LATERAL (SELECT count(*)::int4 AS columns FROM pg_catalog.pg_attribute a
                      WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) a
 WHERE c.relkind IN ('r', 'p', 'm') AND n.nspname <> 'information_schema'
   AND (n.nspname !~ '^pg_' OR n.nspname LIKE 'pg~_temp%' ESCAPE '~');

-- Empty tables are not listed, as on Redshift.
CREATE VIEW pg_catalog.svv_table_info AS
SELECT current_database()::text AS "database", r.schema::text AS schema, r.oid AS table_id, r.name::text AS "table",
       CASE WHEN (SELECT bool_and(d = 'none') FROM pg_catalog.pg_attribute a,
                         sparkctl_column_encoding(r.said, a.attname, a.atttypid, r.temporary) d
                   WHERE a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped) THEN 'N'
            WHEN r.said->'encode' <> '{}'::jsonb THEN 'Y' ELSE 'Y, AUTO(ENCODE)' END AS encoded,
       sparkctl_diststyle(r.said) AS diststyle,
       COALESCE(CASE WHEN r.said->>'sortstyle' = 'interleaved' THEN 'INTERLEAVED' ELSE r.said->'sortkey'->>0 END,
                'AUTO(SORTKEY)') AS sortkey1,
       COALESCE((SELECT max(sparkctl_type_length(a.atttypid, a.atttypmod)) FROM pg_attribute a
                  WHERE a.attrelid = r.oid AND a.atttypid = 'varchar'::regtype AND a.attnum > 0), 0)::int4 AS max_varchar,
       (SELECT sparkctl_column_encoding(r.said, a.attname, a.atttypid, r.temporary) FROM pg_attribute a
         WHERE a.attrelid = r.oid AND a.attname = r.said->'sortkey'->>0)::char(32) AS sortkey1_enc,
       COALESCE(jsonb_array_length(r.said->'sortkey'), 0)::int4 AS sortkey_num,
       ((r.columns + 3) * r.blocks_per_column)::int8 AS size,
       ((r.columns + 3) * r.blocks_per_column / 163840.0 * 100)::numeric(10,4) AS pct_used, 0::int8 AS empty,
       0::numeric(5,2) AS unsorted, 0::numeric(5,2) AS stats_off, k.rows::numeric(38,0) AS tbl_rows,
       1::numeric(19,2) AS skew_sortkey1, 1::numeric(19,2) AS skew_rows,
       k.rows::numeric(38,0) AS estimated_visible_rows, NULL::text AS risk_event,
       NULL::numeric(12,2) AS vacuum_sort_benefit, r.created AS create_time
  FROM pg_catalog.sparkctl_relations r
 CROSS JOIN LATERAL (SELECT sparkctl_table_rows(r.oid) AS rows OFFSET 0) k
 WHERE k.rows > 0 AND sparkctl_sees(r.owner) AND NOT r.temporary;

-- One server stands for the whole cluster: one node, one slice.
CREATE VIEW pg_catalog.stv_tbl_perm AS
SELECT 0 AS slice, r.oid::int4 AS id, r.name::char(72) AS name, k.rows, k.rows AS sorted_rows,
       r.temporary::int4 AS temp, (SELECT oid::int4 FROM pg_database WHERE datname = current_database()) AS db_id,
       0 AS insert_pristine, 0 AS delete_pristine, (NOT r.temporary)::int4 AS backup,
       CASE WHEN r.said->>'distkey' IS NOT NULL THEN 1 WHEN r.said->>'diststyle' = 'even' THEN 0
            WHEN r.said->>'diststyle' = 'all' THEN 8 ELSE 10 END AS dist_style,
       CASE WHEN k.rows > 0 THEN (r.columns + 3) * r.blocks_per_column ELSE 0 END AS block_count
  FROM pg_catalog.sparkctl_relations r
 CROSS JOIN LATERAL (SELECT sparkctl_table_rows(r.oid) AS rows OFFSET 0) k;
CREATE VIEW pg_catalog.stv_blocklist AS
SELECT 0 AS slice, c.col, t.id AS tbl, b.blocknum, (t.rows / r.blocks_per_column)::int4 AS num_values,
       0 AS extended_props, 0::int8 AS minvalue, 0::int8 AS maxvalue, 0 AS sb_pos, 0 AS pinned, 1 AS on_disk,
       0 AS modified, 0 AS hdr_modified, 0 AS unsorted, 0 AS tombstone, 0 AS preferred_diskno, t.temp AS temporary,
       0 AS newblock, 0 AS num_readers, 0 AS flags
  FROM pg_catalog.stv_tbl_perm t
  JOIN pg_catalog.sparkctl_relations r ON r.oid::int4 = t.id
 CROSS JOIN LATERAL generate_series(0, r.columns + 2) c(col)
 CROSS JOIN LATERAL generate_series(0, r.blocks_per_column - 1) b(blocknum)
 WHERE t.rows > 0;
CREATE VIEW pg_catalog.svv_diskusage AS
SELECT t.db_id, t.name, b.slice, b.col, b.tbl, b.blocknum, b.num_values, b.minvalue, b.maxvalue, b.sb_pos, b.pinned,
       b.on_disk, b.modified, b.hdr_modified, b.unsorted, b.tombstone, b.preferred_diskno, b.temporary, b.newblock,
       b.num_readers, b.flags
  FROM pg_catalog.stv_blocklist b JOIN pg_catalog.stv_tbl_perm t ON t.id = b.tbl
 WHERE sparkctl_is_superuser((SELECT oid FROM pg_roles WHERE rolname = current_user));
CREATE OR REPLACE FUNCTION pg_catalog.sparkctl_used_blocks() RETURNS int4 LANGUAGE sql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog AS $$
    SELECT ceil(sum(pg_database_size(oid)) / 1048576)::int4 FROM pg_database
$$;
-- In blocks of a megabyte; the capacity is that of a small node.
CREATE VIEW pg_catalog.stv_partitions AS
SELECT 0 AS owner, 0 AS host, 0 AS diskno, 0::int8 AS part_begin, 171798691840::int8 AS part_end,
       sparkctl_used_blocks() AS used, 0 AS tossed,
       163840 AS capacity, 0::int8 AS reads, 0::int8 AS writes, 0 AS seek_forward, 0 AS seek_back, 0 AS is_san,
       0 AS failed, 0 AS mbps, '/dev/nvme0n1'::char(256) AS mount;
CREATE VIEW pg_catalog.stv_node_storage_capacity AS
SELECT 0 AS node, used, capacity FROM pg_catalog.stv_partitions;

-- Of each table the last ANALYZE and VACUUM that somebody sent are known.
CREATE VIEW pg_catalog.stl_analyze AS
SELECT c.relowner::int4 AS userid, 0::int8 AS xid, current_database()::char(30) AS database, s.relid::int4 AS table_id,
       'Full'::char(15) AS status, GREATEST(c.reltuples, 0)::float8 AS rows, 0::float8 AS modified_rows,
       10 AS threshold_percent, 'f'::char(1) AS is_auto, s.last_analyze AT TIME ZONE 'UTC' AS starttime,
       s.last_analyze AT TIME ZONE 'UTC' AS endtime, NULL::timestamp AS prevtime, 0 AS num_predicate_cols,
       0 AS num_new_predicate_cols, 'f'::char(1) AS is_background, ''::char(100) AS auto_analyze_phase,
       s.schemaname::char(128) AS schema_name, s.relname::char(128) AS table_name
  FROM pg_catalog.pg_stat_user_tables s JOIN pg_catalog.pg_class c ON c.oid = s.relid
 WHERE s.last_analyze IS NOT NULL AND sparkctl_sees(c.relowner);
CREATE VIEW pg_catalog.stl_vacuum AS
SELECT c.relowner::int4 AS userid, 0::int8 AS xid, s.relid::int4 AS table_id, k.status::char(30) AS status,
       GREATEST(c.reltuples, 0)::int8 AS rows, GREATEST(c.reltuples, 0)::int4 AS sortedrows, c.relpages AS blocks,
       1 AS max_merge_partitions, s.last_vacuum AT TIME ZONE 'UTC' AS eventtime, 0::int8 AS reclaimable_rows,
       0::int8 AS reclaimable_space_mb, 0::int8 AS cutoff_xid, 0 AS is_recluster
  FROM pg_catalog.pg_stat_user_tables s JOIN pg_catalog.pg_class c ON c.oid = s.relid
 CROSS JOIN (VALUES ('Started'), ('Finished')) k(status)
 WHERE s.last_vacuum IS NOT NULL AND sparkctl_sees(c.relowner);
CREATE VIEW pg_catalog.svv_vacuum_summary AS
SELECT c.relname::text AS table_name, 0::int8 AS xid, 0::int8 AS sort_partitions, 0::int8 AS merge_increments,
       0::int8 AS elapsed_time, 0::int8 AS row_delta, 0::int8 AS sortedrow_delta, 0 AS block_delta,
       1 AS max_merge_partitions
  FROM pg_catalog.pg_stat_user_tables s JOIN pg_catalog.pg_class c ON c.oid = s.relid
 WHERE s.last_vacuum IS NOT NULL AND sparkctl_sees(c.relowner);
CREATE VIEW pg_catalog.svv_vacuum_progress AS
SELECT c.relname::text AS table_name, p.phase::text AS status, ''::text AS time_remaining_estimate
  FROM pg_catalog.pg_stat_progress_vacuum p JOIN pg_catalog.pg_class c ON c.oid = p.relid;
CREATE VIEW pg_catalog.sys_vacuum_history AS
SELECT userid AS user_id, xid AS transaction_id, 0::int8 AS query_id, current_database()::text AS database_name,
       (SELECT n.nspname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = table_id)
           AS schema_name,
       (SELECT relname::text FROM pg_class WHERE oid = table_id) AS table_name, table_id,
       'Full'::char(30) AS vacuum_type, false AS is_automatic, status::char(30) AS status,
       eventtime AS start_time, eventtime AS end_time, NULL::char(30) AS record_time
  FROM pg_catalog.stl_vacuum WHERE status = 'Finished';
CREATE VIEW pg_catalog.sys_analyze_history AS
SELECT userid AS user_id, xid AS transaction_id, database::text AS database_name, schema_name::text AS schema_name,
       table_name::text AS table_name, table_id, false AS is_automatic, status::char(15) AS status,
       starttime AS start_time, endtime AS end_time, rows, modified_rows, threshold_percent AS analyze_threshold_percent
  FROM pg_catalog.stl_analyze;
CREATE VIEW pg_catalog.svv_interleaved_columns AS
SELECT r.oid::int4 AS tbl, (a.attnum - 1)::int4 AS col, 1.00::numeric(19,2) AS interleaved_skew,
       NULL::timestamp AS last_reindex
  FROM pg_catalog.sparkctl_relations r
  JOIN pg_catalog.pg_attribute a ON a.attrelid = r.oid AND r.said->'sortkey' ? a.attname
 WHERE r.said->>'sortstyle' = 'interleaved';

CREATE VIEW pg_catalog.pg_class_info AS
SELECT c.oid AS reloid, c.relname, c.relnamespace, c.reltype, c.relowner, c.relam, c.relfilenode, c.reltablespace,
       c.relpages, GREATEST(c.reltuples, 0)::float4 AS reltuples, c.reltoastrelid, 0::oid AS reltoastidxid,
       c.relhasindex, c.relisshared, c.relkind, c.relnatts, 0::int4 AS relexternid, 0::int2 AS relisreplicated,
       false AS relispinned,
       (CASE WHEN c.relkind NOT IN ('r', 'm') THEN 0 WHEN s.attributes->>'distkey' IS NOT NULL THEN 1
             WHEN s.attributes->>'diststyle' = 'even' THEN 0 WHEN s.attributes->>'diststyle' = 'all' THEN 8
             ELSE 9 END)::int2 AS reldiststyle, 0::oid AS relprojbaseid, c.relchecks, 0::int2 AS reltriggers,
       0::int2 AS relukeys, 0::int2 AS relfkeys, 0::int2 AS relrefs, false AS relhasoids,
       COALESCE(s.attributes->'keys' @> '[{"kind":"primary"}]', false) AS relhaspkey, c.relhasrules, c.relhassubclass, c.relacl,
       s.created AS relcreationtime,
       (CASE WHEN c.relkind NOT IN ('r', 'm') THEN 0 WHEN s.attributes->>'distkey' IS NOT NULL THEN 1
             WHEN s.attributes->>'diststyle' = 'even' THEN 0 WHEN s.attributes->>'diststyle' = 'all' THEN 8
             ELSE 10 END)::int2 AS releffectivediststyle
  FROM pg_catalog.pg_class c LEFT JOIN pg_catalog.sparkctl_table_attributes s ON s.reloid = c.oid;
CREATE VIEW pg_catalog.pg_attribute_info AS
SELECT a.attrelid, a.attname, a.atttypid, a.attstattarget, a.attlen, a.attnum, a.attndims, a.attcacheoff, a.atttypmod,
       a.attbyval, a.attstorage, a.attalign, a.attnotnull, a.atthasdef, a.attisdropped, a.attislocal, a.attinhcount,
       COALESCE(s.attributes->>'distkey' = a.attname, false) AS attisdistkey,
       0::int2 AS attispreloaded, sparkctl_column_sortkey(s.attributes, a.attname) AS attsortkeyord,
       sparkctl_encoding_number(sparkctl_column_encoding(s.attributes, a.attname, a.atttypid, false)) AS attencodingtype,
       0 AS attencrypttype, a.attacl
  FROM pg_catalog.pg_attribute a LEFT JOIN pg_catalog.sparkctl_table_attributes s ON s.reloid = a.attrelid;
CREATE VIEW pg_catalog.pg_database_info AS
SELECT d.oid AS datid, d.datname, d.datdba, d.encoding, d.datistemplate, d.datallowconn, 0::oid AS datlastsysoid,
       d.datfrozenxid::text::int8 AS datvacuumxid, d.datfrozenxid::text::int8 AS datfrozenxid, d.dattablespace,
       (SELECT r.setconfig FROM pg_db_role_setting r WHERE r.setdatabase = d.oid AND r.setrole = 0) AS datconfig,
       d.datacl, 'UNLIMITED'::text AS datconnlimit
  FROM pg_catalog.pg_database d WHERE d.datname <> 'template1' OR d.datistemplate;
GRANT SELECT ON pg_catalog.pg_table_def, pg_catalog.svv_table_info, pg_catalog.stv_tbl_perm, pg_catalog.stv_blocklist,
    pg_catalog.svv_diskusage, pg_catalog.stv_partitions, pg_catalog.stv_node_storage_capacity, pg_catalog.stl_analyze,
    pg_catalog.stl_vacuum, pg_catalog.svv_vacuum_summary, pg_catalog.svv_vacuum_progress,
    pg_catalog.sys_vacuum_history, pg_catalog.sys_analyze_history, pg_catalog.svv_interleaved_columns,
    pg_catalog.pg_class_info, pg_catalog.pg_attribute_info, pg_catalog.pg_database_info,
    pg_catalog.sparkctl_relations TO PUBLIC;
