create or replace procedure p(a int) nonatomic as $$
begin
  create temp table stage (like songplays);
  drop table if exists s2; create table s2 (a varchar encode lzo) diststyle all;
  delete stage where a = nvl(b, sysdate);
  if a > 1 then vacuum full t; end if;
  insert into t select datediff(day, x, y), 'q\'s' from (select 1);
end;
$$ language plpgsql; create function f(int) returns int stable as $body$ select nvl($1, 0) $body$ language sql
-- %
create function f(a int) returns int stable as $$ return a $$ language plpythonu
-- %
drop procedure p (a int, out b int); drop procedure if exists p(int, int); drop procedure p
-- %
create procedure types(a nvarchar(10), ab nvarchar, b varbyte) as $$ declare x nvarchar(5); y varbyte; begin x := 'a'::nvarchar(3) || cast('ab' as varbyte(4)) || 'a'::varbinary; end $$ language plpgsql
