-- Who may see what in the system tables: a superuser in Redshift's sense (the master user, and users made with
-- CREATEUSER) sees everybody's rows, others their own.
CREATE OR REPLACE FUNCTION pg_catalog.sparkctl_is_superuser(who oid) RETURNS bool LANGUAGE sql STABLE AS $$
    SELECT COALESCE((SELECT rolsuper OR (rolcreaterole AND rolcanlogin) FROM pg_catalog.pg_roles WHERE oid = who), false)
$$;
CREATE OR REPLACE FUNCTION pg_catalog.sparkctl_sees(owner oid) RETURNS bool LANGUAGE sql STABLE AS $$
    SELECT owner = (SELECT oid FROM pg_catalog.pg_roles WHERE rolname = current_user)
           OR pg_catalog.sparkctl_is_superuser((SELECT oid FROM pg_catalog.pg_roles WHERE rolname = current_user))
$$;

-- Names of types as Redshift's catalogue writes them.
CREATE OR REPLACE FUNCTION pg_catalog.sparkctl_type_name(type oid, typmod int4) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT CASE type WHEN 'jsonb'::regtype THEN 'super' WHEN 'bytea'::regtype THEN 'binary varying(64000)'
                     ELSE format_type(type, typmod) END
$$;
CREATE OR REPLACE FUNCTION pg_catalog.sparkctl_type_length(type oid, typmod int4) RETURNS int4 LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN type IN ('varchar'::regtype, 'bpchar'::regtype) AND typmod > 4 THEN typmod - 4
                WHEN type = 'varchar'::regtype THEN 65535 WHEN type = 'bytea'::regtype THEN 64000 END
$$;
CREATE OR REPLACE FUNCTION pg_catalog.sparkctl_type_precision(type oid, typmod int4) RETURNS int4
    LANGUAGE sql STABLE AS $$
    SELECT CASE type WHEN 'int2'::regtype THEN 16 WHEN 'int4'::regtype THEN 32 WHEN 'int8'::regtype THEN 64
                     WHEN 'float4'::regtype THEN 24 WHEN 'float8'::regtype THEN 53
                     WHEN 'numeric'::regtype THEN CASE WHEN typmod > 4 THEN ((typmod - 4) >> 16) & 65535 END END
$$;
CREATE OR REPLACE FUNCTION pg_catalog.sparkctl_type_scale(type oid, typmod int4) RETURNS int4 LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN type IN ('int2'::regtype, 'int4'::regtype, 'int8'::regtype) THEN 0
                WHEN type = 'numeric'::regtype AND typmod > 4 THEN (typmod - 4) & 2047 END
$$;

-- Encodings as pg_attribute keeps them on Redshift, and their names.
CREATE OR REPLACE FUNCTION pg_catalog.format_encoding(encoding int4) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE encoding
        WHEN 0 THEN 'none' WHEN 1 THEN 'bytedict' WHEN 2 THEN 'delta' WHEN 3 THEN 'delta32k' WHEN 4 THEN 'runlength'
        WHEN 5 THEN 'text255' WHEN 6 THEN 'text32k' WHEN 7 THEN 'mostly8' WHEN 8 THEN 'mostly16' WHEN 9 THEN 'mostly32'
        WHEN 10 THEN 'lzo' WHEN 12 THEN 'zstd' WHEN 13 THEN 'az64' END
$$;
CREATE OR REPLACE FUNCTION pg_catalog.sparkctl_encoding_number(name text) RETURNS int4 LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE lower(name)
        WHEN 'bytedict' THEN 1 WHEN 'delta' THEN 2 WHEN 'delta32k' THEN 3 WHEN 'runlength' THEN 4 WHEN 'text255' THEN 5
        WHEN 'text32k' THEN 6 WHEN 'mostly8' THEN 7 WHEN 'mostly16' THEN 8 WHEN 'mostly32' THEN 9 WHEN 'lzo' THEN 10
        WHEN 'zstd' THEN 12 WHEN 'az64' THEN 13 ELSE 0 END
$$;

-- Users and groups. PostgreSQL's own views stay under another name.
DO $$BEGIN
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_class WHERE relname = 'sparkctl_pg_user') THEN
        ALTER VIEW pg_catalog.pg_user RENAME TO sparkctl_pg_user;
        ALTER VIEW pg_catalog.pg_group RENAME TO sparkctl_pg_group;
    END IF;
END$$;
DROP VIEW IF EXISTS pg_catalog.pg_user, pg_catalog.pg_group, pg_catalog.pg_user_info, pg_catalog.svl_user_info,
    pg_catalog.svv_user_info, pg_catalog.svv_roles, pg_catalog.svv_user_grants, pg_catalog.svv_role_grants;
CREATE VIEW pg_catalog.pg_user_info AS
SELECT rolname AS usename, oid AS usesysid, rolcreatedb AS usecreatedb, sparkctl_is_superuser(oid) AS usesuper,
       rolsuper AS usecatupd, '********'::text AS passwd, rolvaliduntil AS valuntil, rolconfig AS useconfig,
       CASE WHEN rolconnlimit < 0 THEN 'UNLIMITED' ELSE rolconnlimit::text END AS useconnlimit,
       CASE WHEN sparkctl_is_superuser(oid) THEN 'UNRESTRICTED' ELSE 'RESTRICTED' END AS syslogaccess,
       NULL::timestamp AS last_ddl_ts, 0::int4 AS sessiontimeout, ''::text AS external_user_id
  FROM pg_catalog.pg_roles WHERE rolcanlogin;
CREATE VIEW pg_catalog.pg_user AS
SELECT usename, usesysid, usecreatedb, usesuper, usecatupd, passwd, valuntil, useconfig FROM pg_catalog.pg_user_info;
CREATE VIEW pg_catalog.svl_user_info AS
SELECT usename, usesysid, usecreatedb, usesuper, usecatupd, useconnlimit, syslogaccess, last_ddl_ts, sessiontimeout,
       external_user_id
  FROM pg_catalog.pg_user_info WHERE sparkctl_sees(usesysid);
CREATE VIEW pg_catalog.svv_user_info AS
SELECT usename::text AS user_name, usesysid::int4 AS user_id, usecreatedb AS createdb, usesuper AS superuser,
       usecatupd AS catalog_update, useconnlimit AS connection_limit, syslogaccess AS syslog_access,
       last_ddl_ts AS last_ddl_timestamp, sessiontimeout AS session_timeout, external_user_id AS external_id
  FROM pg_catalog.pg_user_info WHERE sparkctl_sees(usesysid);
CREATE VIEW pg_catalog.pg_group AS
SELECT r.rolname AS groname, r.oid AS grosysid, ARRAY(SELECT m.member FROM pg_catalog.pg_auth_members m
                                                       WHERE m.roleid = r.oid ORDER BY m.member) AS grolist
  FROM pg_catalog.pg_roles r WHERE NOT r.rolcanlogin AND r.rolname !~ '^(pg|sparkctl)_';
CREATE VIEW pg_catalog.svv_roles AS
SELECT r.oid::int4 AS role_id, r.rolname::text AS role_name, ''::text AS role_owner, ''::text AS external_id
  FROM pg_catalog.pg_roles r WHERE NOT r.rolcanlogin AND r.rolname !~ '^(pg|sparkctl)_';
CREATE VIEW pg_catalog.svv_user_grants AS
SELECT u.oid::int4 AS user_id, u.rolname::text AS user_name, r.oid::int4 AS role_id, r.rolname::text AS role_name,
       m.admin_option
  FROM pg_catalog.pg_auth_members m
  JOIN pg_catalog.pg_roles u ON u.oid = m.member AND u.rolcanlogin
  JOIN pg_catalog.pg_roles r ON r.oid = m.roleid AND NOT r.rolcanlogin AND r.rolname !~ '^(pg|sparkctl)_'
 WHERE sparkctl_sees(u.oid);
CREATE VIEW pg_catalog.svv_role_grants AS
SELECT u.oid::int4 AS role_id, u.rolname::text AS role_name, r.oid::int4 AS granted_role_id,
       r.rolname::text AS granted_role_name
  FROM pg_catalog.pg_auth_members m
  JOIN pg_catalog.pg_roles u ON u.oid = m.member AND NOT u.rolcanlogin AND u.rolname !~ '^(pg|sparkctl)_'
  JOIN pg_catalog.pg_roles r ON r.oid = m.roleid AND NOT r.rolcanlogin AND r.rolname !~ '^(pg|sparkctl)_';
GRANT SELECT ON pg_catalog.pg_user, pg_catalog.pg_user_info, pg_catalog.svl_user_info, pg_catalog.svv_user_info,
    pg_catalog.pg_group, pg_catalog.svv_roles, pg_catalog.svv_user_grants, pg_catalog.svv_role_grants TO PUBLIC;
