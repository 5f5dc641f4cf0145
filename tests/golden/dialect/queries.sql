select top 10 a from t order by a;
select * from (select top 3 a from t) where a in (select top 1 b from u);
select * from (select 1), (select 2) b join (select 3 as z) on true, u cross join (values (1)) where x in (1, (select 2));
select * from ((select 1) union (select 2)) order by 1;
select a from ((select 1 as a) x join (select 2 as b) y on true);
delete t where a = 1; delete from t using u where t.a = u.a;
select "UserId", 'It''s "OK"' as "Label" from "Events"
-- %
select top 1 a from (select 1 as a); select top 2 a from (select top 3 a from (select 1 as a)) union select top 1 2 from (select 1)
