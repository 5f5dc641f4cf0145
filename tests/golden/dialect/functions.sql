select nvl(a, b, 0), nvl2(a, nvl(b, 1), 'x,y'), decode(a, 1, 'one', null, 'none', nvl(c, 'many')), decode('00', 'hex');
select listagg(a, ',') within group (order by b desc), listagg(distinct a), listagg(a) within group (order by a), median(x + 1) from t;
select approximate count(distinct a), convert(varchar(10), nvl(a, 0)), cast(a as decimal), a::numeric, a::numeric(10,2), cast(b as varchar(max)) from t;
select count(*) from a minus select 1 minus (select 2)
