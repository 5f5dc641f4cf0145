-- Columns of the catalogue that Redshift has and PostgreSQL 15 has not, or has no more. PostgreSQL reads x.name, where
-- the row type of x has no such column, as name(x): a function of the row serves for one. They are found behind an
-- alias or a table's name, which is how clients (psql, JDBC, SQLAlchemy's dialect, Redshift's admin views) write them.
CREATE OR REPLACE FUNCTION pg_catalog.relhasoids(pg_catalog.pg_class) RETURNS bool LANGUAGE sql IMMUTABLE AS $$
    SELECT false
$$;
CREATE OR REPLACE FUNCTION pg_catalog.reltriggers(pg_catalog.pg_class) RETURNS int2 LANGUAGE sql IMMUTABLE AS $$
    SELECT 0::int2
$$;
CREATE OR REPLACE FUNCTION pg_catalog.relhaspkey(pg_catalog.pg_class) RETURNS bool LANGUAGE sql STABLE AS $$
    SELECT relhaspkey FROM pg_catalog.pg_class_info WHERE reloid = $1.oid
$$;
CREATE OR REPLACE FUNCTION pg_catalog.reldiststyle(pg_catalog.pg_class) RETURNS int2 LANGUAGE sql STABLE AS $$
    SELECT reldiststyle FROM pg_catalog.pg_class_info WHERE reloid = $1.oid
$$;
CREATE OR REPLACE FUNCTION pg_catalog.releffectivediststyle(pg_catalog.pg_class) RETURNS int2 LANGUAGE sql STABLE AS $$
    SELECT releffectivediststyle FROM pg_catalog.pg_class_info WHERE reloid = $1.oid
$$;
CREATE OR REPLACE FUNCTION pg_catalog.relcreationtime(pg_catalog.pg_class) RETURNS timestamp LANGUAGE sql STABLE AS $$
    SELECT relcreationtime FROM pg_catalog.pg_class_info WHERE reloid = $1.oid
$$;
CREATE OR REPLACE FUNCTION pg_catalog.attisdistkey(pg_catalog.pg_attribute) RETURNS bool LANGUAGE sql STABLE AS $$
    SELECT attisdistkey FROM pg_catalog.pg_attribute_info WHERE attrelid = $1.attrelid AND attnum = $1.attnum
$$;
CREATE OR REPLACE FUNCTION pg_catalog.attsortkeyord(pg_catalog.pg_attribute) RETURNS int4 LANGUAGE sql STABLE AS $$
    SELECT attsortkeyord FROM pg_catalog.pg_attribute_info WHERE attrelid = $1.attrelid AND attnum = $1.attnum
$$;
CREATE OR REPLACE FUNCTION pg_catalog.attencodingtype(pg_catalog.pg_attribute) RETURNS int4 LANGUAGE sql STABLE AS $$
    SELECT attencodingtype FROM pg_catalog.pg_attribute_info WHERE attrelid = $1.attrelid AND attnum = $1.attnum
$$;
CREATE OR REPLACE FUNCTION pg_catalog.attispreloaded(pg_catalog.pg_attribute) RETURNS bool LANGUAGE sql IMMUTABLE AS $$
    SELECT false
$$;
CREATE OR REPLACE FUNCTION pg_catalog.adsrc(pg_catalog.pg_attrdef) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT pg_get_expr($1.adbin, $1.adrelid)
$$;
CREATE OR REPLACE FUNCTION pg_catalog.consrc(pg_catalog.pg_constraint) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT pg_get_expr($1.conbin, $1.conrelid)
$$;
CREATE OR REPLACE FUNCTION pg_catalog.proisagg(pg_catalog.pg_proc) RETURNS bool LANGUAGE sql IMMUTABLE AS $$
    SELECT $1.prokind = 'a'
$$;
CREATE OR REPLACE FUNCTION pg_catalog.proiswindow(pg_catalog.pg_proc) RETURNS bool LANGUAGE sql IMMUTABLE AS $$
    SELECT $1.prokind = 'w'
$$;
CREATE OR REPLACE FUNCTION pg_catalog.protransform(pg_catalog.pg_proc) RETURNS regproc LANGUAGE sql IMMUTABLE AS $$
    SELECT $1.prosupport
$$;
CREATE OR REPLACE FUNCTION pg_catalog.defacluser(pg_catalog.pg_default_acl) RETURNS int4 LANGUAGE sql IMMUTABLE AS $$
    SELECT $1.defaclrole::int4
$$;
CREATE OR REPLACE FUNCTION pg_catalog.datconfig(pg_catalog.pg_database) RETURNS text[] LANGUAGE sql STABLE AS $$
    SELECT setconfig FROM pg_catalog.pg_db_role_setting WHERE setdatabase = $1.oid AND setrole = 0
$$;
CREATE OR REPLACE FUNCTION pg_catalog.datlastsysoid(pg_catalog.pg_database) RETURNS oid LANGUAGE sql IMMUTABLE AS $$
    SELECT 0::oid
$$;
CREATE OR REPLACE FUNCTION pg_catalog.spclocation(pg_catalog.pg_tablespace) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT pg_tablespace_location($1.oid)
$$;
CREATE OR REPLACE FUNCTION pg_catalog.rolcatupdate(pg_catalog.pg_roles) RETURNS bool LANGUAGE sql IMMUTABLE AS $$
    SELECT $1.rolsuper
$$;
