-- Databases, schemas, relations, columns, functions and privileges, as SVV views tell them.
DROP VIEW IF EXISTS pg_catalog.svv_tables, pg_catalog.svv_columns, pg_catalog.svv_all_tables,
    pg_catalog.svv_all_columns, pg_catalog.svv_all_schemas, pg_catalog.svv_redshift_databases,
    pg_catalog.svv_redshift_schemas, pg_catalog.svv_redshift_tables, pg_catalog.svv_redshift_columns,
    pg_catalog.svv_redshift_functions, pg_catalog.svv_relation_privileges, pg_catalog.svv_schema_privileges,
    pg_catalog.svv_database_privileges, pg_catalog.svv_function_privileges, pg_catalog.svv_column_privileges,
    pg_catalog.svv_default_privileges, pg_catalog.svv_mv_info, pg_catalog.stv_mv_info, pg_catalog.svv_mv_dependency,
    pg_catalog.sparkctl_listed, pg_catalog.sparkctl_listed_columns, pg_catalog.svv_identity_columns,
    pg_catalog.svv_schema_quota_state;

-- Relations that the caller may use in some way, as in information_schema.
CREATE VIEW pg_catalog.sparkctl_listed AS
SELECT c.oid, n.nspname AS schema, c.relname AS name, c.relkind AS kind, c.relowner AS owner, c.relacl AS acl,
       CASE WHEN n.nspname LIKE 'pg~_temp%' ESCAPE '~' THEN 'LOCAL TEMPORARY' WHEN c.relkind IN ('r', 'p')
            THEN CASE WHEN n.nspname IN ('pg_catalog', 'information_schema') THEN 'SYSTEM TABLE' ELSE 'BASE TABLE' END
            ELSE 'VIEW' END AS type, obj_description(c.oid, 'pg_class') AS remarks
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind IN ('r', 'p', 'v', 'm') AND c.relname !~ '^(stl_)?sparkctl_' AND n.nspname !~ '^pg_toast'
   AND NOT pg_is_other_temp_schema(n.oid)
   AND (has_table_privilege(c.oid, 'SELECT, INSERT, UPDATE, DELETE, REFERENCES') OR pg_has_role(c.relowner, 'USAGE'));
CREATE VIEW pg_catalog.sparkctl_listed_columns AS
SELECT l.oid, l.schema, l.name, l.type AS table_type, a.attname AS column_name, a.attnum::int4 AS ordinal_position,
       pg_get_expr(d.adbin, d.adrelid) AS column_default, CASE WHEN a.attnotnull THEN 'NO' ELSE 'YES' END AS is_nullable,
       a.atttypid AS type, a.atttypmod AS typmod,
       CASE WHEN t.typname IN ('varchar', 'bpchar', 'numeric') THEN format_type(a.atttypid, NULL)
            ELSE sparkctl_type_name(a.atttypid, a.atttypmod) END AS data_type,
       sparkctl_type_length(a.atttypid, a.atttypmod) AS length,
       sparkctl_type_precision(a.atttypid, a.atttypmod) AS "precision", sparkctl_type_scale(a.atttypid, a.atttypmod) AS scale,
       CASE WHEN t.typname IN ('timestamp', 'timestamptz', 'time', 'timetz') THEN 6 END AS datetime_precision,
       col_description(l.oid, a.attnum) AS remarks, a.attacl AS acl
  FROM pg_catalog.sparkctl_listed l
  JOIN pg_catalog.pg_attribute a ON a.attrelid = l.oid AND a.attnum > 0 AND NOT a.attisdropped
  JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
  LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum AND a.attgenerated = '';

CREATE VIEW pg_catalog.svv_tables AS
SELECT current_database()::text AS table_catalog, schema::text AS table_schema, name::text AS table_name,
       CASE type WHEN 'SYSTEM TABLE' THEN 'BASE TABLE' ELSE type END::text AS table_type, remarks::text AS remarks
  FROM pg_catalog.sparkctl_listed;
CREATE VIEW pg_catalog.svv_columns AS
SELECT current_database()::text AS table_catalog, schema::text AS table_schema, name::text AS table_name,
       column_name::text AS column_name, ordinal_position, column_default::text AS column_default, is_nullable,
       data_type::text AS data_type, length AS character_maximum_length, "precision" AS numeric_precision,
       CASE WHEN "precision" IS NULL THEN NULL WHEN type = 'numeric'::regtype THEN 10 ELSE 2 END AS numeric_precision_radix,
       scale AS numeric_scale, datetime_precision, NULL::text AS interval_type, NULL::text AS interval_precision,
       NULL::text AS character_set_catalog, NULL::text AS character_set_schema, NULL::text AS character_set_name,
       NULL::text AS collation_catalog, NULL::text AS collation_schema, NULL::text AS collation_name,
       NULL::text AS domain_name, remarks::text AS remarks
  FROM pg_catalog.sparkctl_listed_columns;
CREATE VIEW pg_catalog.svv_redshift_databases AS
SELECT datname::varchar(128) AS database_name, datdba::int8::int4 AS database_owner, 'local'::varchar(32) AS database_type,
       datacl::text::varchar(128) AS database_acl, 'UTF-8'::varchar(128) AS database_options,
       'Serializable'::varchar(128) AS database_isolation_level
  FROM pg_catalog.pg_database WHERE datallowconn AND NOT datistemplate;
CREATE VIEW pg_catalog.svv_redshift_schemas AS
SELECT current_database()::varchar(128) AS database_name, nspname::varchar(128) AS schema_name,
       nspowner::int8::int4 AS schema_owner, 'local'::varchar(128) AS schema_type, nspacl::text::varchar(128) AS schema_acl,
       ''::varchar(128) AS schema_option
  FROM pg_catalog.pg_namespace
 WHERE nspname !~ '^pg_(toast|temp)' AND (has_schema_privilege(oid, 'USAGE, CREATE') OR pg_has_role(nspowner, 'USAGE'));
CREATE VIEW pg_catalog.svv_all_schemas AS
SELECT database_name, schema_name, schema_owner, schema_type, schema_acl, NULL::varchar(128) AS source_database,
       schema_option
  FROM pg_catalog.svv_redshift_schemas;
CREATE VIEW pg_catalog.svv_redshift_tables AS
SELECT current_database()::varchar(128) AS database_name, schema::varchar(128) AS schema_name,
       name::varchar(128) AS table_name,
       (CASE type WHEN 'SYSTEM TABLE' THEN 'BASE TABLE' WHEN 'BASE TABLE' THEN 'TABLE' ELSE type END)::varchar(128)
           AS table_type, acl::text::varchar(128) AS table_acl, remarks::varchar(256) AS remarks,
       pg_get_userbyid(owner)::varchar(128) AS table_owner
  FROM pg_catalog.sparkctl_listed;
CREATE VIEW pg_catalog.svv_all_tables AS
SELECT database_name, schema_name, table_name, table_acl, table_type, remarks, table_owner AS owner
  FROM pg_catalog.svv_redshift_tables;
CREATE VIEW pg_catalog.svv_redshift_columns AS
SELECT current_database()::varchar(128) AS database_name, c.schema::varchar(128) AS schema_name,
       c.name::varchar(128) AS table_name, c.column_name::varchar(128) AS column_name, c.ordinal_position,
       sparkctl_type_name(c.type, c.typmod)::varchar(128) AS data_type, c.column_default::varchar(4000) AS column_default,
       c.is_nullable::varchar(3) AS is_nullable,
       (CASE WHEN c.table_type <> 'VIEW' THEN sparkctl_column_encoding(s.attributes, c.column_name, c.type, false)
             ELSE '' END)::varchar(128) AS encoding, COALESCE(s.attributes->>'distkey' = c.column_name, false) AS distkey,
       sparkctl_column_sortkey(s.attributes, c.column_name) AS sortkey, c.acl::text::varchar(128) AS column_acl,
       c.remarks::varchar(256) AS remarks
  FROM pg_catalog.sparkctl_listed_columns c LEFT JOIN pg_catalog.sparkctl_table_attributes s ON s.reloid = c.oid;
CREATE VIEW pg_catalog.svv_all_columns AS
SELECT current_database()::varchar(128) AS database_name, schema::varchar(128) AS schema_name,
       name::varchar(128) AS table_name, column_name::varchar(128) AS column_name, ordinal_position,
       column_default::varchar(4000) AS column_default, is_nullable::varchar(3) AS is_nullable,
       data_type::varchar(128) AS data_type, length AS character_maximum_length, "precision" AS numeric_precision,
       scale AS numeric_scale, remarks::varchar(256) AS remarks
  FROM pg_catalog.sparkctl_listed_columns;
CREATE VIEW pg_catalog.svv_redshift_functions AS
SELECT current_database()::varchar(128) AS database_name, n.nspname::varchar(128) AS schema_name,
       p.proname::varchar(128) AS function_name,
       (CASE p.prokind WHEN 'p' THEN 'STORED PROCEDURE' WHEN 'a' THEN 'AGGREGATED FUNCTION' ELSE 'REGULAR FUNCTION' END)
           ::varchar(128) AS function_type, pg_get_function_identity_arguments(p.oid)::varchar(512) AS argument_type,
       pg_get_function_result(p.oid)::varchar(128) AS result_type
  FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
 WHERE p.proname !~ '^sparkctl_' AND n.nspname <> 'information_schema';
CREATE VIEW pg_catalog.svv_identity_columns AS
SELECT current_database()::text AS database_name, c.schema::text AS schema_name, c.name::text AS table_name,
       c.column_name::text AS column_name, c.ordinal_position
  FROM pg_catalog.sparkctl_listed_columns c
  JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attname = c.column_name AND a.attidentity <> '';

-- Privileges. 0 as grantee is everybody; a role that may log in is a user, one that may not a group.
CREATE OR REPLACE FUNCTION pg_catalog.sparkctl_grantees(acl aclitem[], kind "char", owner oid, OUT identity_id int4,
    OUT identity_name text, OUT identity_type text, OUT privilege_type text, OUT admin_option bool)
    RETURNS SETOF record LANGUAGE sql STABLE AS $$
    SELECT e.grantee::int8::int4, COALESCE(r.rolname, 'public')::text,
           CASE WHEN e.grantee = 0 THEN 'public' WHEN r.rolcanlogin THEN 'user' ELSE 'group' END,
           CASE e.privilege_type WHEN 'CREATE' THEN 'CREATE' WHEN 'TEMPORARY' THEN 'TEMP' ELSE e.privilege_type END,
           e.is_grantable
      FROM aclexplode(COALESCE(acl, acldefault(kind, owner))) e LEFT JOIN pg_roles r ON r.oid = e.grantee
     WHERE e.grantee <> owner
$$;
CREATE VIEW pg_catalog.svv_relation_privileges AS
SELECT n.nspname::text AS namespace_name, c.relname::text AS relation_name, g.privilege_type,
       g.identity_id, g.identity_name, g.identity_type, g.admin_option
  FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 CROSS JOIN LATERAL sparkctl_grantees(c.relacl, 'r', c.relowner) g
 WHERE c.relkind IN ('r', 'p', 'v', 'm') AND n.nspname !~ '^pg_toast' AND c.relname !~ '^(stl_)?sparkctl_'
   AND (sparkctl_sees(c.relowner) OR g.identity_name IN (current_user::text, 'public'));
CREATE VIEW pg_catalog.svv_schema_privileges AS
SELECT n.nspname::text AS namespace_name, g.privilege_type, g.identity_id, g.identity_name, g.identity_type,
       g.admin_option
  FROM pg_catalog.pg_namespace n CROSS JOIN LATERAL sparkctl_grantees(n.nspacl, 'n', n.nspowner) g
 WHERE n.nspname !~ '^pg_(toast|temp)' AND (sparkctl_sees(n.nspowner) OR g.identity_name IN (current_user::text, 'public'));
CREATE VIEW pg_catalog.svv_database_privileges AS
SELECT d.datname::text AS database_name, CASE g.privilege_type WHEN 'CONNECT' THEN 'USAGE' ELSE g.privilege_type END
           AS privilege_type, g.identity_id, g.identity_name, g.identity_type, g.admin_option, 'DATABASE'::text AS privilege_scope
  FROM pg_catalog.pg_database d CROSS JOIN LATERAL sparkctl_grantees(d.datacl, 'd', d.datdba) g
 WHERE d.datallowconn AND (sparkctl_sees(d.datdba) OR g.identity_name IN (current_user::text, 'public'));
CREATE VIEW pg_catalog.svv_function_privileges AS
SELECT n.nspname::text AS namespace_name, p.proname::text AS function_name,
       pg_get_function_identity_arguments(p.oid)::text AS argument_types, g.privilege_type, g.identity_id,
       g.identity_name, g.identity_type, g.admin_option
  FROM pg_catalog.pg_proc p
  JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
 CROSS JOIN LATERAL sparkctl_grantees(p.proacl, 'f', p.proowner) g
 WHERE n.nspname NOT IN ('pg_catalog', 'information_schema')
   AND (sparkctl_sees(p.proowner) OR g.identity_name IN (current_user::text, 'public'));
CREATE VIEW pg_catalog.svv_column_privileges AS
SELECT n.nspname::text AS namespace_name, c.relname::text AS relation_name, a.attname::text AS column_name,
       g.privilege_type, g.identity_id, g.identity_name, g.identity_type
  FROM pg_catalog.pg_attribute a
  JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 CROSS JOIN LATERAL sparkctl_grantees(a.attacl, 'c', c.relowner) g
 WHERE a.attacl IS NOT NULL AND n.nspname NOT IN ('pg_catalog', 'information_schema')
   AND (sparkctl_sees(c.relowner) OR g.identity_name IN (current_user::text, 'public'));
CREATE VIEW pg_catalog.svv_default_privileges AS
SELECT COALESCE(n.nspname, '')::text AS schema_name, (CASE d.defaclobjtype WHEN 'r' THEN 'RELATION' WHEN 'f' THEN 'FUNCTION'
           ELSE d.defaclobjtype::text END)::text AS object_type, d.defaclrole::int8::int4 AS owner_id,
       pg_get_userbyid(d.defaclrole)::text AS owner_name, 'user'::text AS owner_type, g.privilege_type,
       g.identity_id AS grantee_id, g.identity_name AS grantee_name, g.identity_type AS grantee_type, g.admin_option
  FROM pg_catalog.pg_default_acl d
  LEFT JOIN pg_catalog.pg_namespace n ON n.oid = d.defaclnamespace
 CROSS JOIN LATERAL sparkctl_grantees(d.defaclacl, d.defaclobjtype, d.defaclrole) g
 WHERE sparkctl_sees(d.defaclrole);

-- Materialized views. Whether one is stale is not followed: PostgreSQL does not know it.
CREATE VIEW pg_catalog.svv_mv_info AS
SELECT current_database()::char(128) AS database_name, n.nspname::char(128) AS schema_name,
       pg_get_userbyid(c.relowner)::char(128) AS user_name, c.relname::char(128) AS name, 'f'::char(1) AS is_stale, 0 AS state,
       'f'::char(1) AS autorewrite,
       (CASE WHEN a.attributes->>'auto_refresh' = 'yes' THEN 't' ELSE 'f' END)::char(1) AS autorefresh
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_catalog.sparkctl_table_attributes a ON a.reloid = c.oid
 WHERE c.relkind = 'm';
CREATE VIEW pg_catalog.stv_mv_info AS
SELECT database_name AS db_name, schema_name AS schema, name, 0::int8 AS updated_upto_xid, is_stale,
       user_name AS owner_user_name, state, autorefresh, autorewrite
  FROM pg_catalog.svv_mv_info;
CREATE VIEW pg_catalog.svv_mv_dependency AS
SELECT DISTINCT current_database()::char(128) AS database_name, n.nspname::char(128) AS schema_name,
       c.relname::char(128) AS mv_name, rn.nspname::char(128) AS dependent_schema_name, r.relname::char(128) AS dependent_name
  FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_catalog.pg_rewrite w ON w.ev_class = c.oid
  JOIN pg_catalog.pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid
                             AND d.refclassid = 'pg_class'::regclass AND d.refobjid <> c.oid
  JOIN pg_catalog.pg_class r ON r.oid = d.refobjid
  JOIN pg_catalog.pg_namespace rn ON rn.oid = r.relnamespace
 WHERE c.relkind = 'm';
DO $$DECLARE
    v text;
BEGIN
    FOREACH v IN ARRAY ARRAY['svv_tables', 'svv_columns', 'svv_all_tables', 'svv_all_columns', 'svv_all_schemas',
        'svv_redshift_databases', 'svv_redshift_schemas', 'svv_redshift_tables', 'svv_redshift_columns',
        'svv_redshift_functions', 'svv_relation_privileges', 'svv_schema_privileges', 'svv_database_privileges',
        'svv_function_privileges', 'svv_column_privileges', 'svv_default_privileges', 'svv_mv_info', 'stv_mv_info',
        'svv_mv_dependency', 'sparkctl_listed', 'sparkctl_listed_columns', 'svv_identity_columns'] LOOP
        EXECUTE format('GRANT SELECT ON pg_catalog.%I TO PUBLIC', v);
    END LOOP;
END$$;
