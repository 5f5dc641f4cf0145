-- System tables that COPY and the dialect fill. They are tables of pg_catalog, so that they are found without a schema,
-- as on Redshift; rows come from the superuser's connection, outside the transaction that they tell about.
CREATE SEQUENCE IF NOT EXISTS pg_catalog.sparkctl_query_id START 1001;
GRANT USAGE ON SEQUENCE pg_catalog.sparkctl_query_id TO PUBLIC;

CREATE TABLE IF NOT EXISTS pg_catalog.stl_load_errors (
    userid int4 NOT NULL, slice int4 NOT NULL, tbl int4 NOT NULL, starttime timestamp NOT NULL, session int4 NOT NULL,
    query int4 NOT NULL, filename char(256) NOT NULL, line_number int8 NOT NULL, colname char(127) NOT NULL,
    type char(10) NOT NULL, col_length char(10) NOT NULL, position int4 NOT NULL, raw_line char(1024) NOT NULL,
    raw_field_value char(1024) NOT NULL, err_code int4 NOT NULL, err_reason char(100) NOT NULL,
    is_partial int4 NOT NULL DEFAULT 0, start_offset int8 NOT NULL DEFAULT 0, copy_job_id int8 NOT NULL DEFAULT -1
);
CREATE TABLE IF NOT EXISTS pg_catalog.stl_loaderror_detail (
    userid int4 NOT NULL, slice int4 NOT NULL, session int4 NOT NULL, query int4 NOT NULL, filename char(256) NOT NULL,
    line_number int8 NOT NULL, field int4 NOT NULL, colname char(1024) NOT NULL, value char(1024) NOT NULL,
    is_null int4 NOT NULL, type char(10) NOT NULL, col_length char(10) NOT NULL
);
CREATE TABLE IF NOT EXISTS pg_catalog.stl_load_commits (
    userid int4 NOT NULL, query int4 NOT NULL, slice int4 NOT NULL, name char(256) NOT NULL, filename char(256) NOT NULL,
    byte_offset int8 NOT NULL, lines_scanned int8 NOT NULL, errors int8 NOT NULL, curtime timestamp NOT NULL,
    status int4 NOT NULL, file_format char(16) NOT NULL, is_partial int4 NOT NULL DEFAULT 0,
    start_offset int8 NOT NULL DEFAULT 0, copy_job_id int8 NOT NULL DEFAULT -1
);
CREATE TABLE IF NOT EXISTS pg_catalog.stl_replacements (
    userid int4 NOT NULL, query int4 NOT NULL, slice int4 NOT NULL, tbl int4 NOT NULL, starttime timestamp NOT NULL,
    session int4 NOT NULL, filename char(256) NOT NULL, line_number int8 NOT NULL, colname char(127) NOT NULL,
    raw_line char(1024) NOT NULL
);
CREATE TABLE IF NOT EXISTS pg_catalog.stl_sparkctl_loads (
    userid int4 NOT NULL, query int8 PRIMARY KEY, session int4 NOT NULL, database_name text NOT NULL,
    status text NOT NULL, table_name text NOT NULL, start_time timestamp NOT NULL, end_time timestamp NOT NULL,
    data_source text NOT NULL, file_format text NOT NULL, loaded_rows int8 NOT NULL, loaded_bytes int8 NOT NULL,
    source_file_count int4 NOT NULL, error_count int8 NOT NULL, transaction_id int8 NOT NULL DEFAULT 0,
    scanned_files int4 NOT NULL DEFAULT 0, scanned_bytes int8 NOT NULL DEFAULT 0
);
-- Servers of before.
ALTER TABLE pg_catalog.stl_sparkctl_loads ADD COLUMN IF NOT EXISTS transaction_id int8 NOT NULL DEFAULT 0,
    ADD COLUMN IF NOT EXISTS scanned_files int4 NOT NULL DEFAULT 0,
    ADD COLUMN IF NOT EXISTS scanned_bytes int8 NOT NULL DEFAULT 0;

-- What a CREATE TABLE said about distribution, order, encodings and keys; PostgreSQL has no place for it.
CREATE TABLE IF NOT EXISTS pg_catalog.sparkctl_table_attributes (
    reloid oid PRIMARY KEY, attributes jsonb NOT NULL, created timestamp NOT NULL DEFAULT (now() AT TIME ZONE 'UTC')
);

GRANT SELECT ON pg_catalog.stl_load_errors, pg_catalog.stl_loaderror_detail, pg_catalog.stl_load_commits,
    pg_catalog.stl_replacements, pg_catalog.stl_sparkctl_loads, pg_catalog.sparkctl_table_attributes TO PUBLIC;

DROP VIEW IF EXISTS pg_catalog.sys_load_history, pg_catalog.sys_load_detail, pg_catalog.sys_load_error_detail;
CREATE VIEW pg_catalog.sys_load_history AS
SELECT userid AS user_id, query AS query_id, transaction_id, session AS session_id, database_name, status, table_name,
       start_time, end_time, (sparkctl_pg_date_part('epoch', end_time - start_time) * 1000000)::int8 AS duration, data_source,
       file_format, loaded_rows, loaded_bytes, source_file_count, loaded_bytes AS source_file_bytes,
       scanned_files AS file_count_scanned, scanned_bytes AS file_bytes_scanned, error_count,
       (-1)::int8 AS copy_job_id
  FROM pg_catalog.stl_sparkctl_loads;
CREATE VIEW pg_catalog.sys_load_detail AS
SELECT c.userid AS user_id, c.query::int8 AS query_id, c.filename AS file_name, c.byte_offset AS bytes_scanned,
       c.lines_scanned, c.curtime AS record_time, 1 AS splits_scanned, l.start_time, c.curtime AS end_time
  FROM pg_catalog.stl_load_commits c JOIN pg_catalog.stl_sparkctl_loads l ON l.query = c.query;
CREATE VIEW pg_catalog.sys_load_error_detail AS
SELECT e.userid AS user_id, e.query::int8 AS query_id, COALESCE(l.transaction_id, 0) AS transaction_id,
       e.session AS session_id, COALESCE(l.database_name, current_database())::char(64) AS database_name,
       e.tbl AS table_id, e.starttime AS start_time, e.filename AS file_name, e.line_number,
       e.colname AS column_name, e.type AS column_type, e.col_length AS column_length, e.position,
       e.err_code AS error_code, e.err_reason::char(512) AS error_message
  FROM pg_catalog.stl_load_errors e LEFT JOIN pg_catalog.stl_sparkctl_loads l ON l.query = e.query;
GRANT SELECT ON pg_catalog.sys_load_history, pg_catalog.sys_load_detail, pg_catalog.sys_load_error_detail TO PUBLIC;

-- The last COPY of this session, also when it failed on its data; -1 when there was none.
CREATE OR REPLACE FUNCTION pg_catalog.pg_last_copy_id() RETURNS int4 LANGUAGE sql STABLE AS $$
    SELECT COALESCE(max(query), -1)::int4 FROM pg_catalog.stl_sparkctl_loads
     WHERE session = pg_backend_pid()
       AND start_time >= (SELECT backend_start AT TIME ZONE 'UTC' FROM pg_stat_get_activity(pg_backend_pid()))
$$;
CREATE OR REPLACE FUNCTION pg_catalog.pg_last_copy_count() RETURNS int8 LANGUAGE sql STABLE AS $$
    SELECT COALESCE((SELECT loaded_rows FROM pg_catalog.stl_sparkctl_loads
                      WHERE query = pg_catalog.pg_last_copy_id()), 0)
$$;
