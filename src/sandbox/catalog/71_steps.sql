-- More of what does not happen: steps of a plan that are not PostgreSQL's, queues, Spectrum, policies. They have Redshift's
-- columns and no rows.
DO $$DECLARE
    t record;
    steps constant text := 'userid int4, query int4, slice int4, segment int4, step int4, starttime timestamp, '
        'endtime timestamp, tasknum int4, ';
BEGIN
    FOR t IN SELECT * FROM (VALUES
        ('stl_aggr', steps || 'rows int8, bytes int8, slots int4, occupied int4, maxlength int4, tbl int4, is_diskbased char(1), workmem int8, type char(6), resizes int4, flushable int4'),
        ('stl_bcast', steps || 'rows int8, bytes int8, packets int4'),
        ('stl_dist', steps || 'rows int8, bytes int8, packets int4'),
        ('stl_hash', steps || 'rows int8, bytes int8, slots int4, occupied int4, maxlength int4, tbl int4, is_diskbased char(1), workmem int8, num_parts int4, est_rows int8, num_blocks_permitted int4, resizes int4, checksum int8, runtime_filter_size int4, max_runtime_filter_size int4'),
        ('stl_hashjoin', steps || 'rows int8, tbl int4, num_parts int4, join_type int4, hash_looped char(1), switched_parts char(1), used_prefetching char(1), hash_segment int4, hash_step int4, checksum int8, distribution int4'),
        ('stl_limit', steps || 'rows int8, checksum int8'),
        ('stl_merge', steps || 'rows int8'),
        ('stl_mergejoin', steps || 'rows int8, tbl int4, checksum int8'),
        ('stl_nestloop', steps || 'rows int8, tbl int4, checksum int8'),
        ('stl_parse', steps || 'rows int8'),
        ('stl_project', steps || 'rows int8, checksum int8'),
        ('stl_save', steps || 'rows int8, bytes int8, tbl int4, is_diskbased char(1), workmem int8'),
        ('stl_sort', steps || 'rows int8, bytes int8, tbl int4, is_diskbased char(1), workmem int8, checksum int8'),
        ('stl_unique', steps || 'rows int8, is_diskbased char(1), slots int4, workmem int8, max_buffers_used int8, type char(6)'),
        ('stl_window', steps || 'rows int8, is_diskbased char(1), workmem int8'),
        ('stl_plan_info', 'userid int4, query int4, nodeid int4, segment int4, step int4, locus int4, plannode int4, startupcost float8, totalcost float8, rows int8, bytes int8'),
        ('stl_stream_segs', 'userid int4, query int4, stream int4, segment int4'),
        ('stl_undone', 'userid int4, xact_id int8, xact_id_undone int8, undo_start_ts timestamp, undo_end_ts timestamp, table_id int8'),
        ('stl_analyze_compression', 'userid int4, start_time timestamp, xid int8, tbl int4, tablename char(128), col int4, old_encoding char(15), new_encoding char(15), mode char(14)'),
        ('stl_wlm_error', 'userid int4, recordtime timestamp, pid int4, error_string char(256)'),
        ('stl_wlm_rule_action', 'userid int4, query int4, service_class int4, rule char(256), action char(256), recordtime timestamp, action_value char(256), service_class_name char(64)'),
        ('stl_query_metrics', 'userid int4, service_class int4, query int4, segment int4, step_type int4, starttime timestamp, slices int4, max_rows int8, rows int8, max_cpu_time int8, cpu_time int8, max_blocks_read int8, blocks_read int8, max_run_time int8, run_time int8, max_blocks_to_disk int8, blocks_to_disk int8, step int4, max_query_scan_size int8, query_scan_size int8, query_priority int4, query_queue_time int8, service_class_name char(64)'),
        ('svl_compile', 'userid int4, xid int8, pid int4, query int4, segment int4, locus int4, starttime timestamp, endtime timestamp, compile int4'),
        ('svl_query_queue_info', 'database text, query int4, xid int8, userid int4, querytxt text, queue_start_time timestamp, exec_start_time timestamp, service_class int4, slots int4, queue_elapsed int8, exec_elapsed int8, wlm_total_elapsed int8, commit_queue_elapsed int8, commit_exec_time int8, service_class_name char(64)'),
        ('svl_s3query', 'userid int4, query int4, segment int4, step int4, node int4, slice int4, starttime timestamp, endtime timestamp, elapsed int8, external_table_name char(136), file_format char(16), is_partitioned char(1), is_rrscan char(1), s3_scanned_rows int8, s3_scanned_bytes int8, s3query_returned_rows int8, s3query_returned_bytes int8, files int4, splits int4, total_split_size int8, max_split_size int8, total_retries int4, max_retries int4, max_request_duration int4, avg_request_duration float8, max_request_parallelism int4, avg_request_parallelism float8'),
        ('svl_s3partition', 'query int4, segment int4, node int4, slice int4, starttime timestamp, endtime timestamp, duration int8, total_partitions int4, qualified_partitions int4, assigned_partitions int4, assignment char(1)'),
        ('svl_s3partition_summary', 'query int4, segment int4, assignment char(1), min_starttime timestamp, max_endtime timestamp, min_duration int8, max_duration int8, avg_duration int8, total_partitions int4, qualified_partitions int4, min_assigned_partitions int4, max_assigned_partitions int4, avg_assigned_partitions int8'),
        ('svl_s3list', 'query int4, segment int4, node int4, slice int4, eventtime timestamp, bucket text, prefix text, recursive char(1), retrieved_files int4, max_file_size int8, avg_file_size float8, generated_splits int4, avg_split_length float8, duration int8'),
        ('svl_s3retries', 'query int4, segment int4, node int4, slice int4, eventtime timestamp, retries int4, successful_fetches int8, file_size int8, location text, message text'),
        ('svl_federated_query', 'userid int4, xid int8, pid int4, query int4, sourcetype char(32), recordtime timestamp, querytext char(4000), num_rows int8, num_bytes int8, duration int8'),
        ('svcs_concurrency_scaling_usage', 'start_time timestamp, end_time timestamp, queries int8, usage_in_seconds float8'),
        ('svv_schema_quota_state', 'schema_id int4, schema_name char(128), schema_owner int4, quota int4, disk_usage int4, disk_usage_pct numeric(6,2)'),
        ('svv_identity_providers', 'uid int4, name text, type text, instanceid text, namespc text, params text, enabled bool'),
        ('svv_rls_attached_policy', 'relschema text, relname text, relkind text, polname text, grantor text, grantee text, granteekind text, is_pol_on bool, is_rls_on bool, rls_conjunction_type char(1)'),
        ('svv_attached_masking_policy', 'policy_name text, schema_name text, table_name text, table_type text, grantor text, grantee text, grantee_type text, priority int4, input_columns text, output_columns text'),
        ('svv_datashare_consumers', 'share_name varchar(128), consumer_account varchar(16), consumer_namespace varchar(64), share_date timestamp'),
        ('svv_datashare_privileges', 'namespace_name text, datashare_name text, privilege_type text, identity_id int4, identity_name text, identity_type text, admin_option bool'),
        ('pg_conf', 'key varchar(256), value varchar(256)'))
        AS v(name, columns) LOOP
        IF to_regclass('pg_catalog.' || t.name) IS NULL THEN
            EXECUTE format('CREATE TABLE pg_catalog.%I (%s)', t.name, t.columns);
            EXECUTE format('GRANT SELECT ON pg_catalog.%I TO PUBLIC', t.name);
        END IF;
    END LOOP;
    -- The main cluster and those for concurrency scaling together.
    FOR t IN SELECT * FROM (VALUES
        ('svcs_alert_event_log', 'stl_alert_event_log'), ('svcs_compile', 'svl_compile'), ('svcs_explain', 'stl_explain'),
        ('svcs_plan_info', 'stl_plan_info'), ('svcs_query_report', 'svl_query_report'),
        ('svcs_query_summary', 'svl_query_summary'), ('svcs_s3query_summary', 'svl_s3query_summary'),
        ('svcs_stream_segs', 'stl_stream_segs'), ('svcs_unload_log', 'stl_unload_log')) AS v(name, source) LOOP
        EXECUTE format('CREATE OR REPLACE VIEW pg_catalog.%I WITH (security_invoker = on) AS SELECT * FROM pg_catalog.%I',
                       t.name, t.source);
        EXECUTE format('GRANT SELECT ON pg_catalog.%I TO PUBLIC', t.name);
    END LOOP;
END$$;
