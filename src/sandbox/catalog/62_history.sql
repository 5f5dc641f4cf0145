-- What the gateway wrote down about statements and connections: lines of JSON in two files of the server's folder, the
-- older one first. They tell of all databases, outlive rollbacks, and cost the server nothing until somebody asks.
CREATE OR REPLACE FUNCTION pg_catalog.sparkctl_history_file(name text) RETURNS text LANGUAGE sql VOLATILE
    SET search_path = pg_catalog AS $$
    -- A line that is being written ends with the last line feed that is there.
    SELECT left(t, length(t) - COALESCE(length(substring(t FROM '[^' || chr(10) || ']*$')), 0))
      FROM (SELECT COALESCE(pg_read_file('sparkctl_history/' || name, 0, 100000000, true), '') AS t) f
$$;
CREATE OR REPLACE FUNCTION pg_catalog.sparkctl_history(kind text) RETURNS SETOF json LANGUAGE sql VOLATILE
    SECURITY DEFINER SET search_path = pg_catalog SET standard_conforming_strings = on ROWS 10000 AS $$
    SELECT line::json
      FROM (VALUES (sparkctl_history_file('older')), (sparkctl_history_file('now'))) f(t),
           string_to_table(t, chr(10)) AS line
     WHERE starts_with(line, '{"k":"' || kind || '"')
$$;
REVOKE ALL ON FUNCTION pg_catalog.sparkctl_history_file(text), pg_catalog.sparkctl_history(text) FROM PUBLIC;

CREATE OR REPLACE FUNCTION pg_catalog.sparkctl_epoch(us int8) RETURNS timestamp LANGUAGE sql IMMUTABLE AS $$
    SELECT timestamp '1970-01-01' + us * interval '1 microsecond'
$$;
CREATE OR REPLACE FUNCTION pg_catalog.sparkctl_statements(OUT query int8, OUT xid int8, OUT pid int4, OUT userid int4,
    OUT user_name text, OUT database text, OUT kind text, OUT starttime timestamp, OUT endtime timestamp,
    OUT outcome int4, OUT sqlstate text, OUT message text, OUT rows int8, OUT label text, OUT text text)
    RETURNS SETOF record LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog ROWS 5000 AS $$
    SELECT r.q, r.x, r.p, COALESCE(u.oid::int8, 0)::int4, r.u, r.d, r.t, sparkctl_epoch(r.s), sparkctl_epoch(r.e), r.a,
           r.c, r.m, r.n, COALESCE(r.l, 'default'), r.w
      FROM sparkctl_history('q') j,
           json_to_record(j) AS r(q int8, x int8, p int4, u text, d text, t text, s int8, e int8, a int4, c text, m text,
                                  n int8, l text, w text)
      LEFT JOIN pg_roles u ON u.rolname = r.u
     WHERE r.u = session_user OR sparkctl_is_superuser((SELECT oid FROM pg_roles WHERE rolname = session_user))
$$;
CREATE OR REPLACE FUNCTION pg_catalog.sparkctl_connections(OUT event text, OUT recordtime timestamp, OUT remotehost text,
    OUT remoteport text, OUT pid int4, OUT database text, OUT user_name text, OUT authmethod text, OUT duration int8,
    OUT sslversion text, OUT sslcipher text, OUT application_name text, OUT os_version text, OUT driver_version text)
    RETURNS SETOF record LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog ROWS 1000 AS $$
    SELECT r.v, sparkctl_epoch(r.r), r.h, r.o, r.p, r.d, r.u, r.m, COALESCE(r.z, 0), COALESCE(r.y, ''),
           COALESCE(r.f, ''), COALESCE(r.g, ''), COALESCE(r.i, ''), COALESCE(r.b, '')
      FROM sparkctl_history('c') j,
           json_to_record(j) AS r(v text, r int8, h text, o text, p int4, d text, u text, m text, z int8, y text, f text,
                                  g text, i text, b text)
     WHERE r.u = session_user OR sparkctl_is_superuser((SELECT oid FROM pg_roles WHERE rolname = session_user))
$$;

-- A text in pieces of 200 characters, numbered from 0.
CREATE OR REPLACE FUNCTION pg_catalog.sparkctl_pieces(t text, OUT sequence int4, OUT piece text) RETURNS SETOF record
    LANGUAGE sql IMMUTABLE ROWS 2 AS $$
    SELECT i, substr(t, i * 200 + 1, 200) FROM generate_series(0, GREATEST(length(t) - 1, 0) / 200) i
$$;
CREATE OR REPLACE FUNCTION pg_catalog.sparkctl_us(a timestamp, b timestamp) RETURNS int8 LANGUAGE sql IMMUTABLE AS $$
    SELECT (sparkctl_pg_date_part('epoch', b - a) * 1000000)::int8
$$;

-- The last statement of this session that has ended.
CREATE OR REPLACE FUNCTION pg_catalog.pg_last_query_id() RETURNS int8 LANGUAGE sql VOLATILE AS $$
    SELECT COALESCE(max(query), -1) FROM sparkctl_statements()
     WHERE pid = pg_backend_pid()
       AND starttime >= (SELECT backend_start AT TIME ZONE 'UTC' FROM pg_stat_get_activity(pg_backend_pid()))
$$;

-- Changes of users, for superusers.
CREATE OR REPLACE FUNCTION pg_catalog.sparkctl_userlog(OUT userid int4, OUT username text, OUT oldusername text,
    OUT action text, OUT usecreatedb int4, OUT usesuper int4, OUT valuntil text, OUT pid int4, OUT xid int8,
    OUT recordtime timestamp)
    RETURNS SETOF record LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog ROWS 100 AS $$
    SELECT COALESCE(u.oid::int8, 0)::int4, r.n, COALESCE(r.o, ''), r.v, r.c, r.s, r.t, r.p, r.x, sparkctl_epoch(r.r)
      FROM sparkctl_history('u') j,
           json_to_record(j) AS r(n text, o text, v text, c int4, s int4, t text, p int4, x int8, r int8)
      LEFT JOIN pg_roles u ON u.rolname = r.n
     WHERE sparkctl_is_superuser((SELECT oid FROM pg_roles WHERE rolname = session_user))
$$;
CREATE OR REPLACE FUNCTION pg_catalog.sparkctl_until(t text) RETURNS timestamp LANGUAGE plpgsql STABLE AS $$BEGIN
    RETURN t::timestamp;
EXCEPTION WHEN data_exception THEN
    RETURN NULL;
END$$;

DROP VIEW IF EXISTS pg_catalog.svcs_query_summary, pg_catalog.svcs_query_report; -- made anew at the end
DROP VIEW IF EXISTS pg_catalog.stl_userlog, pg_catalog.sys_userlog;
DROP VIEW IF EXISTS pg_catalog.stl_query, pg_catalog.stl_querytext, pg_catalog.stl_ddltext, pg_catalog.stl_utilitytext,
    pg_catalog.svl_statementtext, pg_catalog.svl_qlog, pg_catalog.svl_query_summary, pg_catalog.svl_query_report,
    pg_catalog.stl_wlm_query, pg_catalog.stl_error, pg_catalog.stl_tr_conflict, pg_catalog.stl_connection_log,
    pg_catalog.svl_stored_proc_call, pg_catalog.sys_query_history, pg_catalog.sys_query_text,
    pg_catalog.sys_query_detail, pg_catalog.sys_connection_log, pg_catalog.sys_session_history,
    pg_catalog.sys_procedure_call, pg_catalog.sys_transaction_history;

CREATE VIEW pg_catalog.stl_query AS
SELECT userid, query::int4 AS query, label::char(320) AS label, xid, pid, database::char(32) AS database,
       left(text, 4000)::char(4000) AS querytxt, starttime, endtime, (outcome <> 0)::int4 AS aborted,
       0 AS insert_pristine, 0 AS concurrency_scaling_status
  FROM sparkctl_statements() WHERE kind IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE', 'MERGE', 'COPY', 'UNLOAD', 'CTAS');
CREATE VIEW pg_catalog.stl_querytext AS
SELECT s.userid, s.xid, s.pid, s.query::int4 AS query, p.sequence, p.piece::char(200) AS text
  FROM sparkctl_statements() s, sparkctl_pieces(s.text) p
 WHERE s.kind IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE', 'MERGE', 'COPY', 'UNLOAD', 'CTAS');
CREATE VIEW pg_catalog.stl_ddltext AS
SELECT s.userid, s.xid, s.pid, s.label::char(320) AS label, s.starttime, s.endtime, p.sequence,
       p.piece::char(200) AS text
  FROM sparkctl_statements() s, sparkctl_pieces(s.text) p WHERE s.kind IN ('DDL', 'CTAS');
CREATE VIEW pg_catalog.stl_utilitytext AS
SELECT s.userid, s.xid, s.pid, s.label::char(320) AS label, s.starttime, s.endtime, p.sequence,
       p.piece::char(200) AS text
  FROM sparkctl_statements() s, sparkctl_pieces(s.text) p WHERE s.kind IN ('UTILITY', 'COMMAND', 'CALL');
CREATE VIEW pg_catalog.svl_statementtext AS
SELECT s.userid, s.xid, s.pid, s.label::char(320) AS label, s.starttime, s.endtime, p.sequence,
       (CASE WHEN s.kind = 'DDL' THEN 'DDL' WHEN s.kind IN ('UTILITY', 'COMMAND', 'CALL') THEN 'UTILITY'
             ELSE 'QUERY' END)::varchar(10) AS type, p.piece::char(200) AS text
  FROM sparkctl_statements() s, sparkctl_pieces(s.text) p;
CREATE VIEW pg_catalog.svl_qlog AS
SELECT userid, query, xid, pid, starttime, endtime, sparkctl_us(starttime, endtime) AS elapsed, aborted, label,
       left(querytxt, 60)::char(60) AS substring, NULL::int4 AS source_query,
       '0 - Concurrency scaling is not enabled'::text AS concurrency_scaling_status_txt, 0 AS from_sp_call
  FROM pg_catalog.stl_query;
-- One step per statement: what it gave back. The plan of the server behind has no segments of Redshift's.
CREATE VIEW pg_catalog.svl_query_summary AS
SELECT userid, query::int4 AS query, 0 AS stm, 0 AS seg, 0 AS step, sparkctl_us(starttime, endtime) AS maxtime,
       sparkctl_us(starttime, endtime) AS avgtime, rows, 0::int8 AS bytes, NULL::float8 AS rate_row,
       NULL::float8 AS rate_byte, 'return'::text AS label, 'f'::char(1) AS is_diskbased, 0::int8 AS workmem,
       'f'::char(1) AS is_rrscan, 'f'::char(1) AS is_delayed_scan, rows AS rows_pre_filter
  FROM sparkctl_statements() WHERE kind IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE', 'MERGE', 'COPY', 'UNLOAD', 'CTAS');
CREATE VIEW pg_catalog.svl_query_report AS
SELECT userid, query::int4 AS query, 0 AS slice, 0 AS segment, 0 AS step, starttime AS start_time,
       endtime AS end_time, sparkctl_us(starttime, endtime) AS elapsed_time, rows, 0::int8 AS bytes,
       'return'::char(256) AS label, 'f'::char(1) AS is_diskbased, 0::int8 AS workmem, 'f'::char(1) AS is_rrscan,
       'f'::char(1) AS is_delayed_scan, rows AS rows_pre_filter
  FROM sparkctl_statements() WHERE kind IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE', 'MERGE', 'COPY', 'UNLOAD', 'CTAS');
CREATE VIEW pg_catalog.stl_wlm_query AS
SELECT userid, xid::int4 AS xid, query::int4 AS task, query::int4 AS query, 100 AS service_class, 1 AS slot_count,
       starttime AS service_class_start_time, starttime AS queue_start_time, starttime AS queue_end_time,
       0::int8 AS total_queue_time, starttime AS exec_start_time, endtime AS exec_end_time,
       sparkctl_us(starttime, endtime) AS total_exec_time, endtime AS service_class_end_time,
       'Completed'::char(16) AS final_state, 0::int8 AS est_peak_mem, 'Normal'::char(20) AS query_priority,
       'Default queue'::char(64) AS service_class_name
  FROM sparkctl_statements() WHERE kind IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE', 'MERGE', 'COPY', 'UNLOAD', 'CTAS');
CREATE VIEW pg_catalog.stl_error AS
SELECT userid, 'padbmaster'::char(12) AS process, endtime AS recordtime, pid, 8001 AS errcode, ''::char(90) AS file,
       0 AS linenum, sqlstate::char(100) AS context, left(message, 512)::char(512) AS error
  FROM sparkctl_statements() WHERE outcome = 1 AND sqlstate LIKE 'XX%';
CREATE VIEW pg_catalog.stl_tr_conflict AS
SELECT xid AS xact_id, pid::int8 AS process_id, starttime AS xact_start_ts, endtime AS abort_time,
       NULL::int8 AS table_id
  FROM sparkctl_statements() WHERE sqlstate = '40001' OR message LIKE '1023%';
CREATE VIEW pg_catalog.svl_stored_proc_call AS
SELECT userid, userid AS session_userid, query::int4 AS query, label::char(320) AS label, xid, pid,
       database::char(32) AS database, left(text, 4000)::char(4000) AS querytxt, starttime, endtime,
       (outcome <> 0)::int4 AS aborted, NULL::int4 AS from_sp_call
  FROM sparkctl_statements() WHERE kind = 'CALL';
CREATE VIEW pg_catalog.stl_connection_log AS
SELECT event::char(50) AS event, recordtime, remotehost::char(45) AS remotehost, remoteport::char(32) AS remoteport,
       pid, database::char(50) AS dbname, user_name::char(50) AS username, authmethod::char(32) AS authmethod,
       duration, sslversion::char(50) AS sslversion, sslcipher::char(128) AS sslcipher, 0 AS mtu,
       ''::char(64) AS sslcompression, ''::char(64) AS sslexpansion, ''::char(36) AS iamauthguid,
       application_name::char(250) AS application_name, os_version::char(64) AS os_version,
       driver_version::char(64) AS driver_version, ''::char(32) AS plugin_name, 0 AS protocol_version,
       pid::text::char(36) AS sessionid, ''::char(8) AS compression
  FROM sparkctl_connections();
CREATE VIEW pg_catalog.stl_userlog AS
SELECT userid, username::char(50) AS username, oldusername::char(50) AS oldusername, action::char(10) AS action,
       usecreatedb, usesuper, 0 AS usecatupd, sparkctl_until(valuntil) AS valuntil, pid, xid, recordtime
  FROM sparkctl_userlog();
CREATE VIEW pg_catalog.sys_userlog AS
SELECT userid AS user_id, username AS user_name, oldusername AS original_user_name, action,
       usecreatedb AS has_create_db_privs, usesuper AS is_superuser, usecatupd AS has_update_catalog_privs,
       valuntil AS password_expiration, pid AS session_id, xid AS transaction_id, recordtime AS record_time
  FROM pg_catalog.stl_userlog;

CREATE VIEW pg_catalog.sys_query_history AS
SELECT userid AS user_id, query AS query_id, label::char(320) AS query_label, xid AS transaction_id, pid AS session_id,
       database::char(128) AS database_name,
       (CASE kind WHEN 'MERGE' THEN 'OTHER' WHEN 'CALL' THEN 'UTILITY' ELSE kind END)::char(32) AS query_type,
       (CASE outcome WHEN 0 THEN 'success' WHEN 2 THEN 'canceled' ELSE 'failed' END)::char(10) AS status,
       false AS result_cache_hit, starttime AS start_time, endtime AS end_time,
       sparkctl_us(starttime, endtime) AS elapsed_time, 0::int8 AS queue_time,
       sparkctl_us(starttime, endtime) AS execution_time, left(message, 512)::char(512) AS error_message,
       rows AS returned_rows, 0::int8 AS returned_bytes, left(text, 4000)::char(4000) AS query_text,
       substring(version() FROM 'Redshift .*')::char(256) AS redshift_version, ''::char(150) AS usage_limit,
       'primary'::varchar(32) AS compute_type, 0::int8 AS compile_time, 0::int8 AS planning_time,
       0::int8 AS lock_wait_time, 100 AS service_class_id, 'Default queue'::char(64) AS service_class_name,
       'Normal'::varchar(20) AS query_priority, 'false'::varchar(10) AS short_query_accelerated,
       md5(text)::char(40) AS user_query_hash, md5(regexp_replace(lower(text), '[0-9]+|''[^'']*''', '?'))::char(40)
           AS generic_query_hash, 1 AS query_hash_version, NULL::int8 AS result_cache_query_id
  FROM sparkctl_statements();
CREATE VIEW pg_catalog.sys_query_text AS
SELECT s.userid AS user_id, s.query AS query_id, s.xid AS transaction_id, s.pid AS session_id,
       s.starttime AS start_time, p.sequence, p.piece::char(200) AS text
  FROM sparkctl_statements() s, sparkctl_pieces(s.text) p;
CREATE VIEW pg_catalog.sys_query_detail AS
SELECT userid AS user_id, query AS query_id, 1 AS child_query_sequence, 0 AS stream_id, 0 AS segment_id, 0 AS step_id,
       'return'::text AS step_name, NULL::int4 AS table_id, ''::char(136) AS table_name, 'f'::char(1) AS is_rrscan,
       starttime AS start_time, endtime AS end_time, sparkctl_us(starttime, endtime) AS duration,
       ''::text AS alert, 0::int8 AS input_bytes, rows AS input_rows, 0::int8 AS output_bytes, rows AS output_rows,
       0::int8 AS blocks_read, 0::int8 AS blocks_write, 0::int8 AS local_read_io, 0::int8 AS remote_read_io,
       ''::text AS source, 0 AS data_skewness, 0 AS time_skewness, 'f'::char(1) AS is_active,
       0::int8 AS spilled_block_local_disk, 0::int8 AS spilled_block_remote_disk
  FROM sparkctl_statements() WHERE kind IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE', 'MERGE', 'COPY', 'UNLOAD', 'CTAS');
CREATE VIEW pg_catalog.sys_procedure_call AS
SELECT userid AS session_user_id, userid AS user_id, query AS query_id, label::char(320) AS query_label,
       xid AS transaction_id, pid AS session_id, database::char(128) AS database_name, starttime AS start_time,
       endtime AS end_time, (CASE outcome WHEN 0 THEN 'success' WHEN 2 THEN 'canceled' ELSE 'failed' END)::char(10)
           AS status, text AS query_text, left(message, 512)::char(512) AS error_message
  FROM sparkctl_statements() WHERE kind = 'CALL';
CREATE VIEW pg_catalog.sys_transaction_history AS
SELECT min(userid) AS user_id, xid AS transaction_id, 'Serializable'::text AS isolation_level,
       CASE WHEN bool_or(outcome <> 0) OR bool_or(text ~* '^ *(rollback|abort)') THEN 'aborted' ELSE 'committed' END
           AS status, min(starttime) AS transaction_start_time, min(starttime) AS commit_start_time,
       max(endtime) AS commit_end_time, NULL::int8 AS blocks_committed, max(query) AS undo_transaction_id
  FROM sparkctl_statements() GROUP BY xid;
CREATE VIEW pg_catalog.sys_connection_log AS
SELECT event, recordtime AS record_time, remotehost AS remote_host, remoteport AS remote_port, pid AS session_id,
       dbname AS database_name, username AS user_name, authmethod AS auth_method, duration, sslversion AS ssl_version,
       sslcipher AS ssl_cipher, mtu, sslcompression AS ssl_compression, sslexpansion AS ssl_expansion,
       iamauthguid AS iam_auth_guid, application_name, driver_version, os_version, plugin_name, protocol_version,
       sessionid AS global_session_id
  FROM pg_catalog.stl_connection_log;
CREATE VIEW pg_catalog.sys_session_history AS
SELECT COALESCE((SELECT oid::int8 FROM pg_roles WHERE rolname = b.user_name), 0)::int4 AS user_id, b.pid AS session_id,
       b.database::char(128) AS database_name, b.recordtime AS start_time, min(e.recordtime) AS end_time,
       (CASE WHEN min(e.recordtime) IS NULL THEN 'active' ELSE 'closed' END)::char(10) AS status,
       b.remotehost::char(45) AS remote_host, 0 AS session_timeout
  FROM sparkctl_connections() b
  LEFT JOIN sparkctl_connections() e ON e.pid = b.pid AND e.event = 'disconnecting session'
                                    AND e.recordtime >= b.recordtime
 WHERE b.event = 'authenticated'
 GROUP BY b.user_name, b.pid, b.database, b.recordtime, b.remotehost;
GRANT SELECT ON pg_catalog.stl_userlog, pg_catalog.sys_userlog, pg_catalog.stl_query, pg_catalog.stl_querytext, pg_catalog.stl_ddltext, pg_catalog.stl_utilitytext,
    pg_catalog.svl_statementtext, pg_catalog.svl_qlog, pg_catalog.svl_query_summary, pg_catalog.svl_query_report,
    pg_catalog.stl_wlm_query, pg_catalog.stl_error, pg_catalog.stl_tr_conflict, pg_catalog.stl_connection_log,
    pg_catalog.svl_stored_proc_call, pg_catalog.sys_query_history, pg_catalog.sys_query_text,
    pg_catalog.sys_query_detail, pg_catalog.sys_connection_log, pg_catalog.sys_session_history,
    pg_catalog.sys_procedure_call, pg_catalog.sys_transaction_history TO PUBLIC;
