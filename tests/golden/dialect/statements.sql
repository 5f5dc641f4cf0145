set query_group to 'x'; set enable_result_cache_for_session to off; show query_group; reset query_group; set search_path to a, b;
vacuum full t to 99 percent boost; vacuum delete only t; vacuum; analyze t predicate columns; analyze verbose t;
create view v as select 1 as a with no schema binding; begin; commit; truncate t; call p(1);
;
-- only a comment
-- %
unload ('select 1') to 's3://b/p' iam_role default
-- %
select a from t qualify row_number() over (order by a) = 1
-- %
select lag(a) ignore nulls over (order by b) from t
-- %
create external schema s from data catalog
-- %
savepoint a
-- %
analyze compression t
