select extract(epoch from ts), extract('EPOCH' from ts), extract(year from nvl(a, b)), datepart(w, ts), date_diff('day', a, b);
select listagg(a, ', ') within group (order by b desc) over (partition by c), ratio_to_report(x) over (partition by y), ratio_to_report(nvl(x, 0)) over w from t window w as (order by z); select listagg(distinct a, x) within group (order by a) over (partition by c), listagg(distinct a) over w from t window w as ();
select percentile_cont(0.5) within group (order by x), percentile_cont(0.2) within group (order by nvl(x, 1) desc) over (partition by y), approximate percentile_disc(0.5) within group (order by x), percentile_disc(0.5) within group (order by x) over () from t;
select count(distinct a), count(distinct a, nvl(b, 0)), count(*), try_cast(nvl(a, 'x') as decimal(5,2)), try_cast(cast(a as varchar(3)) as int), array(1, 'a'), array(select 1), collate(a, 'case_insensitive'), hll(nvl(a, b)) from t
-- %
select hll_create_sketch(a) from t
-- %
select try_cast(a) from t
