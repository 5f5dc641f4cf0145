create procedure texts(sch varchar, t varchar) as $$
declare ddl varchar(400) := 'create table ' || sch || '.' || t || ' (id int identity(0,1)) distkey(id)';
begin
  execute ddl;
  execute 'create table "' || t || '_2" (a int encode zstd)';
  execute ('insert into x select top 1 ' || nvl(t, 'a\\b')) using sch;
  execute 'select count(*) from ' || t /* which */ into n;
  for r in execute $q$select a + 1 as b, b * 2 as c from $q$ || case when t = 'x' then 'x' || 'y' else t end loop
    open c for execute ddl using t;
    return query execute ddl;
  end loop;
  if t > 'a' then execute t; else execute s -- the other
  ; end if;
  grant execute on procedure p(int) to u;
  execute := 1;
end $$ language plpgsql
-- %
create procedure loads() as $$
begin
  copy t (a, b) from 's3://b/k' -- what is there
    iam_role 'arn:aws:iam::123456789012:role/copy' delimiter '\t' null as '\\N' json 'auto';
  if true then unload ('select nvl(a, ''x'') from t') to 's3://b/k' iam_role default csv; end if;
  unload ($q$select top 1 'it''s'$q$) to 's3://b/k' iam_role default;
end $$ language plpgsql
-- %
create procedure in_quotes() language plpgsql as 'begin copy t from ''s3://b/k'' iam_role default; execute ''select '' || 1; end'
-- %
create procedure n1() as $a$ begin execute $b$create procedure n2() as $c$ begin execute $d$select top 1 1$d$; end $c$ language plpgsql$b$; end $a$ language plpgsql
-- %
create procedure counts() as $$
declare n bigint;
begin
  copy t from 's3://b/k' iam_role default;
  get diagnostics n = row_count;
  execute 'copy t from ' || x; raise info 'loaded'; get current diagnostics r.n := row_count; -- here
  insert into t select 1;
  get diagnostics n := row_count;
  if n > 0 then get diagnostics n = row_count; end if;
end $$ language plpgsql
-- %
drop procedure p(int); drop procedure if exists s.p (a int, b inout numeric(10,2)); drop procedure q(int), p(int, c out int)
-- %
grant execute on procedure p(int), s.p(nvarchar(9)) to u; comment on procedure p(int) is 'x'; alter procedure p(int) owner to u
