select * exclude ts from events; select * exclude (ts, page) from events where ts > 1;
select e.*, s.title as t exclude duration, ts from events e join songs s on e.page = s.title;
select * exclude (year) from events join songs using (title); create view v as select * exclude hour from (select * from events);
with c as (select page as p, level from events) select * exclude p from c; select exclude from (select 1 as exclude)
-- %
select * exclude nope from events
-- %
select * exclude (title, year, duration) from songs
-- %
select * exclude a from nobody_knows
