select page, row_number() over (partition by page order by ts) as rn from events qualify rn = 1 order by page limit 3;
select * from events e qualify rank() over (order by ts desc) <= 2;
select page, count(*) as n from events where level = 'paid' group by page having count(*) > 1 qualify rank() over (order by count(*) desc) = 1 order by lower(page), 2 desc;
select distinct page from events e qualify row_number() over (partition by userid order by ts) = 1;
select a.page, b.page, ts + 1 into #last from events a join songs b on a.page = b.title qualify row_number() over (order by ts) = 1;
insert into songs (title) with q as (select * from events x qualify sum(hour) over () > 1) select page from q;
select page from events e qualify count(*) over () > 1 union all select title from songs s qualify count(*) over () > 2 order by 1;
select (select max(ts) from events z qualify rank() over (order by ts) = 1) as m from songs y qualify rank() over (order by year) = 1;
select qualify from (select 1 as qualify) as t where qualify = 1
-- %
select * from nobody_knows qualify rank() over (order by x) = 1
