select * from (select partname, price from part) pivot (avg(price) for partname in ('prop', 'rudder', 'wing'));
select * from (select quality, manufacturer from part) pivot (count(*) as count for quality in (1 as high, 2 low, null as na)) as p order by manufacturer;
select p.prop from part pivot (max(price) for partname in ('prop')) p where p.quality = 1;
select * from (select red, green, blue from count_by_color) unpivot (cnt for color in (red, green, blue));
select u.color, sum(u.cnt) from count_by_color unpivot include nulls (cnt for color in (red as r, green g, blue)) u group by 1;
with c as (select * from count_by_color) select * from c unpivot (cnt for color in (red, green)) join songs on title = color
-- %
select * from part pivot (listagg(partname) for quality in (1, 2))
-- %
select * from part pivot (count(*) for quality)
-- %
select * from nobody_knows pivot (count(*) for quality in (1))
-- %
select * from part pivot (count(*) as n, sum(price) as total for quality in (1, 2))
