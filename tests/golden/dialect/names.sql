select extract(year from ts) year, 1 month, interval '1' day, cast(ts as double precision), ts hour from events e order by hour;
select window, fetch, lateral, e.returning from (select 1 as window, 2 fetch, 3 as lateral) e where window < fetch and returning between symmetric 1 and 2;
create table words (authorization varchar, returning int, collation int, variadic int, tablesample int);
insert into words (returning, concurrently) values (1, 2); select "UserId", "A""B" from "Events" as window;
select aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgggg, "Aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgggg" from t;
set enable_case_sensitive_identifier to true; select "UserId" from "Events"; reset enable_case_sensitive_identifier; select "UserId"
