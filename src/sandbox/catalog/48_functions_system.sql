-- What tells about the cluster and the session.
UPDATE pg_catalog.pg_proc SET proname = 'sparkctl_pg_version'
 WHERE proname = 'version' AND pronamespace = 'pg_catalog'::regnamespace AND oid < 16384;
-- Clients find the kind of the server, and its version, in this text.
CREATE FUNCTION pg_catalog.version() RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT 'PostgreSQL 8.0.2 on i686-pc-linux-gnu, compiled by GCC gcc (GCC) 3.4.2 20041017 (Red Hat 3.4.2-6.fc3), '
           'Redshift 1.0.48805'
$$;
CREATE FUNCTION pg_catalog.current_user_id() RETURNS int4 LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT oid::int4 FROM pg_catalog.pg_roles WHERE rolname = current_user
$$;
CREATE FUNCTION pg_catalog.slice_num() RETURNS int4 LANGUAGE sql STABLE PARALLEL SAFE AS $$ SELECT 0 $$;
CREATE FUNCTION pg_catalog.db_collation() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT 'CASE_SENSITIVE'::text
$$;
CREATE FUNCTION pg_catalog.current_namespace() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT md5(system_identifier::text)::uuid::text FROM pg_control_system()
$$;
CREATE FUNCTION pg_catalog.current_aws_account() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT '000000000000'::text
$$;
-- Asked as in pg_get_cols('t') cols(view_schema name, view_name name, col_name name, col_type varchar, col_num int).
CREATE FUNCTION pg_catalog.pg_get_cols(relation text) RETURNS SETOF record LANGUAGE sql STABLE AS $$
    SELECT n.nspname, c.relname, a.attname, format_type(a.atttypid, a.atttypmod)::varchar, a.attnum::int4
      FROM pg_class c
      JOIN pg_namespace n ON n.oid = c.relnamespace
      JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
     WHERE c.oid = relation::regclass
     ORDER BY a.attnum
$$;
