select page, level, count(*) as n, n * 2 as twice, sum(hour) over () from events group by all order by 1;
select upper(page), userid + 1 from events group by all; select count(*) from events group by all; select page from events group by all, level
-- %
select *, count(*) from events group by all
