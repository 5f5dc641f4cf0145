select e.page, s.title from events e, songs s where e.page = s.title(+) and e.level = 'paid';
select * from events, songs, part where page = title (+) and quality (+) = year and price(+) between 1 and 2 and (level = 'a' or level = 'b') order by 1;
select (+1), f(+2) from events
-- %
select * from events e, songs s where e.page = s.title(+) or e.ts = 1
-- %
select * from events e join songs s on true, part p where e.page = p.partname(+)
-- %
select * from events e, songs s where e.page(+) = s.title(+)
-- %
select * from events e, songs s where e.page = s.title(+) and s.title = e.level(+)
-- %
select * from events e, songs s where (e.page = s.title(+) and (s.year(+) + 1) = e.ts) and e.level in ('a', 'b') and not (e.ts = 1 or e.ts = 2)
-- %
select * from events e, songs s where e.page = s.title(+) and s.year(+) in (1, 2)
-- %
select * from events e, songs s where e.level = 'x' and (e.page = s.title(+) or e.ts = 1)
-- %
select * from events e, songs s, part p where s.title(+) = e.page and s.year(+) = p.quality
