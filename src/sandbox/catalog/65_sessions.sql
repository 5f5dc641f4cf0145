-- What runs now. The server knows; texts that may hold secrets are cut to their first word.
CREATE OR REPLACE FUNCTION pg_catalog.sparkctl_shown(t text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN t ~* 'password|credential|secret|token|access_key|master_symmetric'
                THEN substring(t FROM '[[:alpha:]]+') || ' ***' ELSE t END
$$;
CREATE OR REPLACE FUNCTION pg_catalog.sparkctl_activity(OUT pid int4, OUT userid int4, OUT user_name text,
    OUT database text, OUT datid oid, OUT backend_start timestamp, OUT query_start timestamp, OUT xact_start timestamp,
    OUT state text, OUT xid int8, OUT application_name text, OUT query text)
    RETURNS SETOF record LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT a.pid, a.usesysid::int8::int4, a.usename, a.datname, a.datid, a.backend_start AT TIME ZONE 'UTC',
           a.query_start AT TIME ZONE 'UTC', a.xact_start AT TIME ZONE 'UTC', a.state,
           COALESCE(a.backend_xid, a.backend_xmin)::text::int8, a.application_name, sparkctl_shown(a.query)
      FROM pg_stat_activity a
     WHERE a.backend_type = 'client backend' AND a.usename <> 'rdsdb'
       AND (a.usename = session_user OR sparkctl_is_superuser((SELECT oid FROM pg_roles WHERE rolname = session_user)))
$$;

DROP VIEW IF EXISTS pg_catalog.stv_recents, pg_catalog.stv_sessions, pg_catalog.stv_inflight, pg_catalog.stv_locks,
    pg_catalog.svv_transactions, pg_catalog.svv_query_inflight, pg_catalog.stv_slices, pg_catalog.stv_wlm_query_state,
    pg_catalog.stv_wlm_service_class_config, pg_catalog.stv_wlm_service_class_state,
    pg_catalog.stv_wlm_classification_config, pg_catalog.stv_wlm_query_task_state, pg_catalog.svv_query_state,
    pg_catalog.stv_exec_state;
CREATE VIEW pg_catalog.stv_sessions AS
SELECT backend_start AS starttime, pid AS process, user_name::char(50) AS user_name, database::char(50) AS db_name,
       0 AS timeout_sec
  FROM sparkctl_activity();
-- Running statements, and the last ones that have ended.
CREATE VIEW pg_catalog.stv_recents AS
SELECT userid, 'Running'::char(20) AS status, query_start AS starttime,
       sparkctl_us(query_start, clock_timestamp() AT TIME ZONE 'UTC')::int4 AS duration, user_name::char(50) AS user_name,
       database::char(50) AS db_name, left(query, 600)::char(600) AS query, pid
  FROM sparkctl_activity() WHERE state = 'active'
UNION ALL
SELECT * FROM (
    SELECT userid, 'Done'::char(20), starttime, LEAST(sparkctl_us(starttime, endtime), 2147483647)::int4,
           user_name::char(50), database::char(50), left(text, 600)::char(600), -1
      FROM sparkctl_statements() WHERE kind NOT IN ('UTILITY', 'COMMAND') ORDER BY query DESC LIMIT 100) done;
-- The number of a running statement is given when it ends.
CREATE VIEW pg_catalog.stv_inflight AS
SELECT userid, 0 AS slice, 0 AS query, 'default'::char(320) AS label, xid, pid, query_start AS starttime,
       left(query, 100)::char(100) AS text, 0 AS suspended, 0 AS insert_pristine, 0 AS concurrency_scaling_status
  FROM sparkctl_activity() WHERE state = 'active';
CREATE VIEW pg_catalog.svv_query_inflight AS
SELECT a.userid, 0 AS slice, 0 AS query, a.pid, a.query_start AS starttime, 0 AS suspended, p.piece::char(200) AS text,
       p.sequence
  FROM sparkctl_activity() a, sparkctl_pieces(a.query) p WHERE a.state = 'active';
CREATE VIEW pg_catalog.svv_query_state AS
SELECT a.userid, 0 AS query, 0 AS seg, 0 AS step, sparkctl_us(a.query_start, clock_timestamp() AT TIME ZONE 'UTC')
           AS maxtime, sparkctl_us(a.query_start, clock_timestamp() AT TIME ZONE 'UTC') AS avgtime, 0::int8 AS rows,
       0::int8 AS bytes, 0::int8 AS cpu, 0::int8 AS memory, NULL::float8 AS rate_row, NULL::float8 AS rate_byte,
       'return'::char(25) AS label, 'f'::char(1) AS is_diskbased, 0::int8 AS workmem, 0 AS num_parts,
       'f'::char(1) AS is_rrscan, 'f'::char(1) AS is_delayed_scan
  FROM sparkctl_activity() a WHERE a.state = 'active';
CREATE VIEW pg_catalog.stv_locks AS
SELECT l.relation::int4 AS table_id, NULL::timestamp AS last_commit, NULL::timestamp AS last_update,
       a.xid AS lock_owner, l.pid::int8 AS lock_owner_pid, a.xact_start AS lock_owner_start_ts,
       NULL::timestamp AS lock_owner_end_ts,
       (CASE WHEN NOT l.granted THEN 'Waiting for lock' WHEN l.mode = 'AccessShareLock' THEN 'Holding read lock'
             WHEN l.mode = 'RowExclusiveLock' THEN 'Holding insert lock' ELSE 'Holding write lock' END)::char(22)
           AS lock_status
  FROM pg_catalog.pg_locks l
  JOIN sparkctl_activity() a ON a.pid = l.pid
  JOIN pg_catalog.sparkctl_relations r ON r.oid = l.relation
 WHERE l.locktype = 'relation';
CREATE VIEW pg_catalog.svv_transactions AS
SELECT a.user_name AS txn_owner, a.database AS txn_db, a.xid AS xid, a.pid, a.xact_start AS txn_start,
       l.mode AS lock_mode, CASE l.locktype WHEN 'relation' THEN 'relation' ELSE 'transactionid' END
           AS lockable_object_type, l.relation::int4 AS relation, l.granted
  FROM pg_catalog.pg_locks l JOIN sparkctl_activity() a ON a.pid = l.pid
 WHERE l.locktype IN ('relation', 'transactionid', 'virtualxid');

-- One node with one slice; one queue, in which nothing waits.
CREATE VIEW pg_catalog.stv_slices AS SELECT 0 AS node, 0 AS slice, 0 AS localslice, 'D'::char(1) AS type;
CREATE VIEW pg_catalog.stv_wlm_query_state AS
SELECT a.xid::int4 AS xid, 0 AS task, 0 AS query, 100 AS service_class, 1 AS slot_count,
       a.query_start AS wlm_start_time, 'Running'::char(16) AS state, 0::int8 AS queue_time,
       sparkctl_us(a.query_start, clock_timestamp() AT TIME ZONE 'UTC') AS exec_time,
       'Normal'::char(20) AS query_priority
  FROM sparkctl_activity() a WHERE a.state = 'active';
CREATE VIEW pg_catalog.stv_wlm_query_task_state AS
SELECT 100 AS service_class, task, query, slot_count, wlm_start_time AS start_time, exec_time
  FROM pg_catalog.stv_wlm_query_state;
CREATE VIEW pg_catalog.stv_exec_state AS
SELECT a.userid, 0 AS query, 0 AS slice, 0 AS segment, 0 AS step, a.query_start AS starttime,
       a.query_start AS currenttime, 0 AS tasknum, 0::int8 AS rows, 0::int8 AS bytes, 'return'::char(256) AS label,
       'f'::char(1) AS is_diskbased, 0::int8 AS workmem, 0 AS num_parts, 'f'::char(1) AS is_rrscan,
       'f'::char(1) AS is_delayed_scan
  FROM sparkctl_activity() a WHERE a.state = 'active';
CREATE VIEW pg_catalog.stv_wlm_service_class_config AS
SELECT 100 AS service_class, 'Predicate'::char(32) AS queueing_strategy, 5 AS num_query_tasks,
       5 AS target_num_query_tasks, 'true'::char(8) AS evictable, 0::int8 AS eviction_threshold,
       0 AS query_working_mem, 0 AS target_query_working_mem, 0 AS min_step_mem, 'Default queue'::char(64) AS name,
       0::int8 AS max_execution_time, true AS user_group_wild_card, true AS query_group_wild_card,
       'off'::char(20) AS concurrency_scaling, 'Normal'::char(20) AS query_priority, true AS user_role_wild_card;
CREATE VIEW pg_catalog.stv_wlm_service_class_state AS
SELECT 100 AS service_class, 0 AS num_queued_queries,
       (SELECT count(*)::int4 FROM sparkctl_activity() WHERE state = 'active') AS num_executing_queries,
       0 AS num_serviced_queries, (SELECT count(*)::int4 FROM sparkctl_statements()) AS num_executed_queries,
       0 AS query_working_mem, 5 AS num_query_tasks;
CREATE VIEW pg_catalog.stv_wlm_classification_config AS
SELECT 1 AS id, '(queries of the default queue)'::char(128) AS condition, 0 AS action_seq, 'assign'::char(64) AS action,
       100 AS action_service_class;
GRANT SELECT ON pg_catalog.stv_recents, pg_catalog.stv_sessions, pg_catalog.stv_inflight, pg_catalog.stv_locks,
    pg_catalog.svv_transactions, pg_catalog.svv_query_inflight, pg_catalog.stv_slices, pg_catalog.stv_wlm_query_state,
    pg_catalog.stv_wlm_service_class_config, pg_catalog.stv_wlm_service_class_state,
    pg_catalog.stv_wlm_classification_config, pg_catalog.stv_wlm_query_task_state, pg_catalog.svv_query_state,
    pg_catalog.stv_exec_state TO PUBLIC;
