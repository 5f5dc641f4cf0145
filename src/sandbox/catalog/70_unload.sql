-- Unloads: one row per statement and, in stl_unload_log, one per file.
CREATE TABLE IF NOT EXISTS pg_catalog.stl_sparkctl_unloads (
    userid int4 NOT NULL, query int8 PRIMARY KEY, transaction_id int8 NOT NULL, session int4 NOT NULL,
    database_name text NOT NULL, status text NOT NULL, start_time timestamp NOT NULL, end_time timestamp NOT NULL,
    file_format text NOT NULL, compression_format text NOT NULL, unloaded_location text NOT NULL,
    unloaded_rows int8 NOT NULL, unloaded_files_count int8 NOT NULL, unloaded_files_size int8 NOT NULL,
    error_message text NOT NULL
);
GRANT SELECT ON pg_catalog.stl_sparkctl_unloads TO PUBLIC;
ALTER TABLE pg_catalog.stl_sparkctl_unloads ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS own_rows ON pg_catalog.stl_sparkctl_unloads;
CREATE POLICY own_rows ON pg_catalog.stl_sparkctl_unloads FOR SELECT USING (sparkctl_sees(userid::oid));

-- Servers of before have them as empty tables.
DO $$DECLARE
    t record;
BEGIN
    FOR t IN SELECT c.relname, c.relkind FROM pg_class c
              WHERE c.relnamespace = 'pg_catalog'::regnamespace
                AND c.relname IN ('sys_unload_history', 'sys_unload_detail') LOOP
        EXECUTE format('DROP %s pg_catalog.%I', CASE t.relkind WHEN 'v' THEN 'VIEW' ELSE 'TABLE' END, t.relname);
    END LOOP;
END$$;
CREATE VIEW pg_catalog.sys_unload_history WITH (security_invoker = on) AS
SELECT userid AS user_id, query AS query_id, transaction_id, session AS session_id, database_name, status, start_time,
       end_time, (sparkctl_pg_date_part('epoch', end_time - start_time) * 1000000)::int8 AS duration, file_format,
       compression_format, unloaded_files_count AS total_file_count, unloaded_location, unloaded_rows,
       unloaded_files_count, unloaded_files_size, error_message
  FROM pg_catalog.stl_sparkctl_unloads;
CREATE VIEW pg_catalog.sys_unload_detail WITH (security_invoker = on) AS
SELECT l.userid AS user_id, l.query::int8 AS query_id, l.pid AS session_id, u.database_name,
       rtrim(l.path)::text AS file_name, l.start_time, l.end_time,
       (sparkctl_pg_date_part('epoch', l.end_time - l.start_time) * 1000000)::int8 AS duration, l.line_count,
       l.transfer_size, l.file_format
  FROM pg_catalog.stl_unload_log l JOIN pg_catalog.stl_sparkctl_unloads u ON u.query = l.query;
GRANT SELECT ON pg_catalog.sys_unload_history, pg_catalog.sys_unload_detail TO PUBLIC;

-- The last UNLOAD of this session, also when it failed; -1 when there was none.
CREATE OR REPLACE FUNCTION pg_catalog.pg_last_unload_id() RETURNS int4 LANGUAGE sql STABLE AS $$
    SELECT COALESCE(max(query), -1)::int4 FROM pg_catalog.stl_sparkctl_unloads
     WHERE session = pg_backend_pid()
       AND start_time >= (SELECT backend_start AT TIME ZONE 'UTC' FROM pg_stat_get_activity(pg_backend_pid()))
$$;
CREATE OR REPLACE FUNCTION pg_catalog.pg_last_unload_count() RETURNS int8 LANGUAGE sql STABLE AS $$
    SELECT COALESCE((SELECT unloaded_rows FROM pg_catalog.stl_sparkctl_unloads
                      WHERE query = pg_catalog.pg_last_unload_id()), 0)
$$;
