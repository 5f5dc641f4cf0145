-- System tables that tell of things which do not happen in a sandbox (Spectrum, data shares, alerts of a planner that is
-- not there, ...). They exist, with Redshift's columns, and are empty, because that is true.
DO $$DECLARE
    t record;
BEGIN
    FOR t IN SELECT * FROM (VALUES
        ('stl_alert_event_log', 'userid int4, query int4, slice int4, segment int4, step int4, pid int4, xid int8, event char(1024), solution char(1024), event_time timestamp'),
        ('stl_unload_log', 'userid int4, query int4, slice int4, pid int4, path char(1280), start_time timestamp, end_time timestamp, line_count int8, transfer_size int8, file_format char(10)'),
        ('stl_explain', 'userid int4, query int4, nodeid int4, parentid int4, plannode char(400), info char(400)'),
        ('stl_scan', 'userid int4, query int4, slice int4, segment int4, step int4, starttime timestamp, endtime timestamp, tasknum int4, rows int8, bytes int8, fetches int8, type int4, tbl int4, is_rrscan char(1), is_delayed_scan char(1), rows_pre_filter int8, rows_pre_user_filter int8, perm_table_name char(136), is_rlf_scan char(1), is_rlf_scan_reason int4, num_em_blocks int4, checksum int8, runtime_filtering char(1), scan_region int4, num_sortkey_as_predicate int4, row_fetcher_state int4, consumed_scan_ranges int8, work_stealing_reason int8, is_vectorized_scan char(1), is_vectorized_scan_reason int4, row_fetcher_reason int8, topology_signature int8, use_tpm_partition char(1), is_rrscan_expr char(1)'),
        ('stl_insert', 'userid int4, query int4, slice int4, segment int4, step int4, starttime timestamp, endtime timestamp, tasknum int4, rows int8, tbl int4, inserted_mega_value char(1), use_interactive_path char(1)'),
        ('stl_delete', 'userid int4, query int4, slice int4, segment int4, step int4, starttime timestamp, endtime timestamp, tasknum int4, rows int8, tbl int4'),
        ('stl_return', 'userid int4, query int4, slice int4, segment int4, step int4, starttime timestamp, endtime timestamp, tasknum int4, rows int8, bytes int8, packets int4, checksum int8'),
        ('stl_commit_stats', 'xid int8, node int4, startqueue timestamp, startwork timestamp, endflush timestamp, endstage timestamp, endlocal timestamp, startglobal timestamp, endtime timestamp, queuelen int8, permblocks int8, newblocks int8, dirtyblocks int8, headers int8, numxids int8, oldestxid int8, extwritelatency int8, metadatawritten int4, tombstonedblocks int8, tossedblocks int8, batched_by int8'),
        ('stl_disk_full_diag', 'currenttime int8, node_num int8, query_id int8, temp_blocks int8'),
        ('stl_restarted_sessions', 'currenttime timestamp, dbname char(50), newpid int4, oldpid int4, username char(50), remotehost char(45), remoteport char(32), parkedtime timestamp, session_vars char(2000)'),
        ('stl_usage_control', 'eventtime timestamp, query int4, xid int8, pid int4, usage_limit_id char(40), feature_type char(30)'),
        ('stl_file_scan', 'userid int4, query int4, slice int4, name char(90), lines int8, bytes int8, loadtime int8, curtime timestamp, is_partial int4, start_offset int8'),
        ('stv_load_state', 'userid int4, session int4, query int4, slice int4, pid int4, recordtime timestamp, bytes_to_load int8, bytes_loaded int8, bytes_to_load_compressed int8, bytes_loaded_compressed int8, lines int4, num_files int4, num_files_complete int4, current_file char(256), pct_complete int4'),
        ('stv_wlm_query_queue_state', 'service_class int4, position int4, task int4, query int4, slot_count int4, start_time timestamp, queue_time int8'),
        ('stv_active_cursors', 'userid int4, name char(256), xid int8, pid int4, starttime timestamp, row_count int8, byte_count int8, fetched_rows int8'),
        ('stv_query_metrics', 'userid int4, service_class int4, query int4, segment int4, step_type int4, starttime timestamp, slices int4, max_rows int8, rows int8, max_cpu_time int8, cpu_time int8, max_blocks_read int4, blocks_read int8, max_run_time int8, run_time int8, max_blocks_to_disk int8, blocks_to_disk int8, step int4, max_query_scan_size int8, query_scan_size int8, query_priority int4, query_queue_time int8'),
        ('svl_query_metrics_summary', 'userid int4, query int4, service_class int4, query_cpu_time int8, query_blocks_read int8, query_execution_time int8, query_cpu_usage_percent numeric(38,2), query_temp_blocks_to_disk int8, segment_execution_time int8, cpu_skew numeric(38,2), io_skew numeric(38,2), scan_row_count int8, join_row_count int8, nested_loop_join_row_count int8, return_row_count int8, spectrum_scan_row_count int8, spectrum_scan_size_mb int8, query_queue_time int8, service_class_name char(64)'),
        ('svl_mv_refresh_status', 'db_name char(128), userid int8, schema_name char(128), mv_name char(128), xid int8, starttime timestamp, endtime timestamp, status text, refresh_type char(32)'),
        ('svl_auto_worker_action', 'table_id int4, type char(32), status char(128), eventtime timestamp, sequence int4, previous_state char(200)'),
        ('svl_s3log', 'pid int4, query int4, segment int4, step int4, node int4, slice int4, eventtime timestamp, message char(512)'),
        ('svl_s3query_summary', 'userid int4, query int4, xid int8, pid int4, segment int4, step int4, starttime timestamp, endtime timestamp, elapsed int8, aborted int4, external_table_name char(136), file_format char(16), is_partitioned char(1), is_rrscan char(1), is_nested char(1), s3_scanned_rows int8, s3_scanned_bytes int8, s3query_returned_rows int8, s3query_returned_bytes int8, files int4, files_max int4, files_avg int8, splits int4, splits_max int4, splits_avg int8, total_split_size int8, max_split_size int8, avg_split_size int8, total_retries int4, max_retries int4, max_request_duration int4, avg_request_duration int8, max_request_parallelism int4, avg_request_parallelism float8'),
        ('svl_udf_log', 'query int4, message char(4096), created timestamp, traceback char(4096), funcname char(256), node int4, slice int4, seq int4'),
        ('svv_external_databases', 'eskind int4, databasename varchar(128), location varchar(128), parameters varchar(500)'),
        ('svv_external_schemas', 'esoid oid, eskind int2, schemaname name, esowner int4, databasename text, esoptions text'),
        ('svv_external_tables', 'redshift_database_name varchar(128), schemaname text, tablename text, tabletype text, location text, input_format text, output_format text, serialization_lib text, serde_parameters text, compressed int4, parameters text'),
        ('svv_external_columns', 'redshift_database_name text, schemaname text, tablename text, columnname text, external_type text, columnnum int4, part_key int4, is_nullable text'),
        ('svv_external_partitions', 'schemaname text, tablename text, values text, location text, input_format varchar(128), output_format varchar(128), serialization_lib varchar(128), serde_parameters varchar(128), compressed int4, parameters varchar(128)'),
        ('svv_alter_table_recommendations', 'type char(30), database char(128), table_id int4, group_id int4, ddl char(1024), auto_eligible char(1)'),
        ('svv_datashares', 'share_id int4, share_name varchar(128), source_database varchar(128), consumer_database varchar(128), share_type varchar(8), createdate timestamp, is_publicaccessible bool, share_acl varchar(256), producer_account varchar(16), producer_namespace varchar(64), managed_by varchar(64)'),
        ('svv_datashare_objects', 'share_type varchar(8), share_name varchar(128), object_type varchar(64), object_name varchar(512), producer_account varchar(16), producer_namespace varchar(64), include_new bool'),
        ('svv_ml_model_info', 'schema_name char(128), user_name char(128), model_name char(128), model_state char(128)'),
        ('svv_rls_policy', 'poldb text, polname text, polalias text, polatts text, polqual text, polenabled bool, polmodifiedby text, polmodifiedtime timestamp'),
        ('svv_rls_relation', 'datname text, relschema text, relname text, relkind text, is_rls_on bool, is_rls_datashare_on bool, rls_conjunction_type char(1), rls_datashare_conjunction_type char(1)'),
        ('svv_masking_policy', 'policy_database text, policy_name text, input_columns text, policy_expression text, policy_modified_by text, policy_modified_time timestamp'),
        ('sys_external_query_detail', 'user_id int4, query_id int8, child_query_sequence int4, segment_id int4, source_type char(32), start_time timestamp, end_time timestamp, duration int8, total_partitions int8, qualified_partitions int8, scanned_files int8, returned_rows int8, returned_bytes int8, file_format text, file_location text, external_query_text text'),
        ('sys_mv_refresh_history', 'user_id int4, session_user_id int4, transaction_id int8, database_name char(128), schema_name char(128), mv_name char(128), refresh_type char(32), status text, start_time timestamp, end_time timestamp, duration int8'),
        ('sys_serverless_usage', 'start_time timestamp, end_time timestamp, compute_seconds float8, compute_capacity float8, data_storage int4, cross_region_transferred_data int4, charged_seconds int4'),
        ('pg_external_schema', 'esoid oid, eskind int4, esdbname text, esoptions text'),
        ('pg_library', 'name name, language_oid oid, file_store_id int4, owner int4'),
        ('pg_statistic_indicator', 'stairelid oid, stairows float8, staiins float8, staidels float8')
        ) v(name, columns) LOOP
        IF to_regclass('pg_catalog.' || t.name) IS NULL THEN
            EXECUTE format('CREATE TABLE pg_catalog.%I (%s)', t.name, t.columns);
            EXECUTE format('GRANT SELECT ON pg_catalog.%I TO PUBLIC', t.name);
        END IF;
    END LOOP;
END$$;

-- Requests to S3: one per object of a load, of those that failed the error of the statement.
DROP VIEW IF EXISTS pg_catalog.stl_s3client, pg_catalog.stl_s3client_error, pg_catalog.pg_proc_info;
CREATE VIEW pg_catalog.stl_s3client AS
SELECT c.userid, c.query, c.slice, c.curtime AS recordtime, COALESCE(l.session, 0) AS pid, 'GET'::char(64) AS http_method,
       split_part(c.filename, '/', 3)::char(64) AS bucket,
       substr(rtrim(c.filename), length(split_part(c.filename, '/', 3)) + 7)::char(256) AS key,
       c.byte_offset AS transfer_size, c.byte_offset AS data_size, c.curtime AS start_time, c.curtime AS end_time,
       0::int8 AS transfer_time, 0::int8 AS compression_time, 0::int8 AS connect_time, 0::int8 AS app_connect_time,
       0 AS retries, ''::char(32) AS request_id, ''::char(128) AS extended_request_id, '127.0.0.1'::char(64) AS ip_address,
       c.is_partial, c.start_offset
  FROM pg_catalog.stl_load_commits c LEFT JOIN pg_catalog.stl_sparkctl_loads l ON l.query = c.query
 WHERE sparkctl_sees(c.userid::oid);
CREATE VIEW pg_catalog.stl_s3client_error AS
SELECT userid, query::int4 AS query, 0 AS sliceid, endtime AS recordtime, pid, 'GET'::char(64) AS http_method,
       COALESCE(substring(text FROM 's3://([^/'']+)'), '')::char(64) AS bucket,
       COALESCE(substring(text FROM 's3://[^/'']+/([^'']*)'), '')::char(256) AS key, left(message, 1024)::char(1024) AS error,
       0 AS is_partial, 0::int8 AS start_offset
  FROM sparkctl_statements() WHERE kind IN ('COPY', 'UNLOAD') AND message LIKE 'S3ServiceException%';
CREATE VIEW pg_catalog.pg_proc_info AS
SELECT p.oid AS prooid, p.proname, p.pronamespace, p.proowner, p.prolang, (p.prokind = 'a') AS proisagg, p.prosecdef,
       p.proisstrict, p.proretset, p.provolatile, p.pronargs, p.prorettype, p.proargtypes, p.proargnames, p.prosrc,
       p.probin, p.proacl, p.prokind, p.proallargtypes AS proallargtypes, p.proargmodes
  FROM pg_catalog.pg_proc p;
GRANT SELECT ON pg_catalog.stl_s3client, pg_catalog.stl_s3client_error, pg_catalog.pg_proc_info TO PUBLIC;

-- Of loads, too, users see their own.
DO $$DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['stl_load_errors', 'stl_loaderror_detail', 'stl_load_commits', 'stl_sparkctl_loads',
                             'stl_replacements', 'stl_unload_log'] LOOP
        IF to_regclass('pg_catalog.' || t) IS NOT NULL THEN
            EXECUTE format('ALTER TABLE pg_catalog.%I ENABLE ROW LEVEL SECURITY', t);
            EXECUTE format('DROP POLICY IF EXISTS own_rows ON pg_catalog.%I', t);
            EXECUTE format('CREATE POLICY own_rows ON pg_catalog.%I FOR SELECT USING (sparkctl_sees(userid::oid))', t);
        END IF;
    END LOOP;
    FOREACH t IN ARRAY ARRAY['sys_load_history', 'sys_load_error_detail', 'sys_load_detail'] LOOP
        IF to_regclass('pg_catalog.' || t) IS NOT NULL THEN
            EXECUTE format('ALTER VIEW pg_catalog.%I SET (security_invoker = on)', t);
        END IF;
    END LOOP;
END$$;
