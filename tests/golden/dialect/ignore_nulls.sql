select first_value(page ignore nulls) over (partition by userid order by ts), last_value(page) ignore nulls over (order by ts rows between unbounded preceding and current row) from events;
select lag(page) ignore nulls over (partition by userid order by ts), lead(page, 2) ignore nulls over (order by ts), lag(page ignore nulls) over w from events window w as (order by ts);
select nth_value(page, 3 ignore nulls) over (order by ts), nth_value(page, 2) respect nulls over (order by ts) from events
-- %
select max(page) ignore nulls over () from events
-- %
select lag(page, 1, 'x') ignore nulls over (order by ts) from events
