-- keys are rows of views of ours
select conname from pg_constraint where contype = 'p';
select c.relname from pg_catalog.pg_class c join pg_catalog.pg_index i on i.indrelid = c.oid;
select pg_constraint.conname from pg_constraint, pg_class where pg_class.oid = pg_constraint.conrelid;
select relhasindex from pg_class where relname = 't';
-- columns of Redshift's without an alias
select relname, reldiststyle from pg_class;
select attname, attsortkeyord from pg_attribute;
select adsrc from pg_catalog.pg_attrdef;
-- not the catalogue, or nothing that needs it
select relname from pg_class;
select c.reldiststyle from pg_class c;
select * from public.pg_constraint;
select 'pg_constraint'::regclass;
select pg_index as pg_depend;
