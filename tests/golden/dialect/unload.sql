unload ('select 1') to 's3://b/p' iam_role default; Unload /* x */ ( 'select ''a'' as b, \'c\' as d' ) to 's3://b/p' iam_role default csv
-- %
unload ('select year * 2 as doubled, doubled + 1 as more from songs where title = ''It\'\'s''') to 's3://b/p' iam_role default
-- %
unload ($$select title from songs where title ~ '\\d'$$) to 's3://b/p' iam_role default
-- %
unload ($q$select nvl(title, '$$') from songs;$q$) to 's3://b/p' iam_role default
-- %
unload ('select * from songs limit 5') to 's3://b/p' iam_role default
-- %
unload ('select top 5 * from songs') to 's3://b/p' iam_role default
-- %
unload ('select * from (select top 5 * from songs) x') to 's3://b/p' iam_role default
-- %
unload ('insert into t select 1') to 's3://b/p' iam_role default
-- %
unload ('select 1; drop table t') to 's3://b/p' iam_role default
-- %
unload ('') to 's3://b/p' iam_role default
-- %
unload (select 1) to 's3://b/p' iam_role default
-- %
/* ü */ unload ('select ''ü'', connect_by_root a from songs qualify 1') to 's3://b/p' iam_role default
-- %
unload ('select "A" from "Songs" pivot (nothing)') to 's3://b/p' iam_role default
