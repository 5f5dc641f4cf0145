set query_group to 'x'; set enable_result_cache_for_session to off; show query_group; reset query_group; set search_path to a, b;
vacuum full t to 99 percent boost; vacuum delete only t; vacuum; analyze t predicate columns; analyze verbose t;
create view v as select 1 as a with no schema binding; begin; commit; truncate t; call p(1);
;
-- only a comment
-- %
unload ('select 1') to 's3://b/p' iam_role default
-- %
select a from t qualify row_number() over (order by a) = 1
-- %
select lag(a) ignore nulls over (order by b) from t
-- %
create external schema s from data catalog
-- %
savepoint a; listen x
-- %
analyze compression t
-- %
show table s.t; show view v; show procedure p(int, varchar); show columns from table dev.public.t like '%a%' limit 5;
show tables from schema public; show schemas from database dev like 'p%'; show databases; show all; show search_path
-- %
show external table s.t
-- %
set session authorization 'bob'; set session authorization default; reset session authorization; set seed to 0.25;
set enable_case_sensitive_identifier to true; set query_group = 'q'; set session wlm_query_slot_count to 3
-- %
set enable_result_cache_for_session to maybe
-- %
begin isolation level read committed read write; start transaction isolation level snapshot; set transaction isolation level repeatable read
-- %
truncate table s.t; cancel 123 'because'; cancel 5; lock table t; comment on table t is 'x'; explain select 1
-- %
analyze compression s.t (a, b) comprows 1000; analyze compression
-- %
grant select on t to group g; grant role a, role b to role c; grant all on schema s to role r with grant option; revoke role a from bob; alter default privileges in schema s grant select on tables to role r
-- %
grant assumerole on default to bob for copy
-- %
grant pg_read_server_files to bob
-- %
grant create user to role r
-- %
create user bob password 'Secret123' createuser in group g, h syslog access unrestricted connection limit unlimited session timeout 60 valid until '2030-01-01'
-- %
create user bob with password disable nocreateuser; alter user bob set query_group to 'x'; alter user bob reset session timeout; drop user if exists bob; create role r externalid 'e'; drop role r force
-- %
create user bob password 'short1A'
-- %
create user bob password 'nodigitsHere'
-- %
alter user bob superuser
-- %
create schema s authorization bob quota 10 gb; create schema if not exists s2 quota unlimited; create database d with owner bob connection limit unlimited collate case_sensitive isolation level snapshot
-- %
create database d collate case_insensitive
-- %
create view s.v as select extract(day from a.ts) as d, nvl(b, 0) from other.events a join other.b on a.x = b.x with no schema binding
-- %
create or replace view s.v as with w as (select * from s.t) select * from w with no schema binding; refresh materialized view mv cascade
-- %
create view v as select * from t with no schema binding
-- %
create procedure p(a in int, b out int, c out varchar(10)) as 'begin b := nvl(a, 0); c := ''x''; end' language plpgsql
-- %
create library l language plpythonu from 's3://x'
-- %
create external function f(int) returns int lambda 'x' iam_role default
-- %
use other
