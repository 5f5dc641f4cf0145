create procedure a(sch varchar, t varchar) as $$
declare ddl varchar(40) := 'create table ' || sch || '.' || t || ' (id int identity(0,1), v varchar) distkey(id)';
begin
  execute ddl;
  execute 'create table "' || t || '_2" (a int encode zstd) diststyle all';
  execute ('create table ' || quote_ident(t) || ' (a int primary key) sortkey(a); insert into x select top 1 ' || t || ' from (select 1)') using sch;
  for r in execute $q$select a + 1 as b, b * 2 as c from $q$ || case when t = 'x' then 'x' || 'y' else t end loop
    null;
  end loop;
end $$ language plpgsql
-- %
create procedure as_it_is(t varchar) as $$
declare s varchar(40);
begin
  execute 'select count(*) from ' || t into n;
  execute s;
  execute t || ' distkey(a)';
  execute 'create table x (a int ' || t || ' = 1';
  s := s || ' distkey(a)';
  note := 'create table x (a int) distkey(a)';
  execute 'select ''\x41''';
  grant execute on procedure p(int) to u;
end $$ language plpgsql
-- %
create procedure escapes(v varchar) as $$
begin
  execute 'insert into t select ''a\\''b'', ''' || v || ''', nvl(a, ''x'') from (select 1)';
  execute 'create view ' || v || '.lv as select * from ' || v || '.t with no schema binding';
end $$ language plpgsql
-- %
create procedure refused_when_run(t varchar) as $$
begin
  execute 'copy ' || t || ' from ''s3://b/k'' iam_role default';
  execute 'unload (''select 1'') to ''s3://b/k'' iam_role default';
  execute 'create table x (a geometry)';
end $$ language plpgsql
-- %
create procedure refused() as $$ begin copy t from 's3://b/k' iam_role default; end $$ language plpgsql
-- %
create procedure n1() as $a$ begin execute $b$create procedure n2() as $c$ begin execute $d$create procedure n3() as $e$ begin execute $f$create table t (a int) distkey(a)$f$; end $e$ language plpgsql$d$; end $c$ language plpgsql$b$; end $a$ language plpgsql
-- %
create procedure grows(t varchar, keys varchar) as $$
declare s varchar(100);
begin
  s := 'create table ' || t || ' (id int identity(0,1),';
  raise info 'so far: %', s;
  s := s || ' v varchar encode zstd)';
  if keys <> '' then
    s := 'insert into x ' || case when t = 'a' then 'select ' else 'select top ' end; s := s || t || ' from (select 1)';
    execute s;
  end if;
  s := 'create table ' || t;
  s := s || ' (a int)';
  s := s || ' distkey(' || 'a)';
  s := s || ' sortkey(a)';
  execute s;
end $$ language plpgsql
-- %
create procedure does_not_grow_so(t varchar) as $$
declare s varchar; o varchar;
begin
  s := 'create table ' || t || ' (a int)';
  t := 'other';
  s := s || ' distkey(a)';
  execute s;
  s := 'create table ' || t || ' (a int)';
  for i in 1..2 loop
    s := s || ' distkey(a)';
  end loop;
  s := 'select ' || t;
  s := s || length(s) || ' distkey(a)';
  s := s || ' sortkey(a)';
  execute s;
  o := 'create table x';
  o := o || ' (a int) distkey(a)';
end $$ language plpgsql
