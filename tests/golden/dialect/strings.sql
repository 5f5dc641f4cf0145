select 'a\'b', 'it''s', 'C:\\x', E'a\'b' as e, 'plain;' ; select $$a;b'$$, 'x\n' || "Q;q" -- comment; 'here
, /* ; ' */ 1;
copy t from 's3://b/k' iam_role default json 'auto'; copy t (a, b) from 's3://b/it\'s' credentials 'x'; copy t from stdin
