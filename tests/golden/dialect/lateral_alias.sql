select ts/1000 as seconds, seconds/60 as minutes, minutes/60 hours from events where seconds > 5 and minutes < 3;
select userid as hour, hour + 1 as next from events;
select upper(page) as page, page || 'x' as twice from events;
select extract(year from t.ts) as y, count(*) as n, n / 2.0 as half from events t group by y having n > 3 order by half;
select a as b, b + 1 as c from (select 1 as a, 2 as b) q;
with e as (select ts as start_time from events) select start_time + 1 as later, later * 2 as twice from e;
with e as (select ts as later from events) select later + 1 as x, x as z from e where x > 1;
insert into t (a, b) select level as l, row_number() over (partition by l order by l) from events;
select 1 as x, (select x from songs) as y, x is distinct from 2 as z, max(x) over (order by x) from songs;
select title t1, substring(t1 from 1 for 2) as s, case when s = 'a' then t1 end as k from songs union all select year, 'x', title from songs
