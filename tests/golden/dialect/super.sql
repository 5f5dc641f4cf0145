select c_orders[0].o_orderkey, c.c_orders[1].o_date, c.c_orders, c_orders[0] as first from customers c;
select count(*) from customers where c_orders[0].status = 'open' and c_orders[0].total > 10.5 and c_orders[0].done = true and c_orders[0].kind in ('a', 'b');
select c.c_name, o.o_orderkey::bigint, o.o_date::varchar, i, l.qty * 2 from customers c, c.c_orders as o at i, o.lines l where o.o_total < 5 group by o.o_orderkey;
select v, k from customers c, unpivot c.c_orders as v at k; select sum(o.total), o.name || 'x' from customers c join c.c_orders o on true;
select c.id, customers.id from customers c, public.customers where c.id = customers.id; select c_orders::varchar from customers c where c.c_orders[0] is null;
select x.a from (select c_orders as q from customers) y, y.q as x
-- %
select c_orders[id].x from customers c where c.id = 1
-- %
update customers set id = c_orders[0].key::int where customers.c_orders[1].status = 'x'; delete from customers using songs where c_orders[0].a = title and c_orders is null
-- %
select c.id from customers c where c.id = c.c_orders[0].key and c.c_orders[0].total > c.id + 1
-- %
select c_orders[0].a::int, cast(c.c_orders.b as varchar(10)), (c_orders.d)::double precision, c_orders.e::character varying(3)::int, c_orders.f::int + 1 from customers c
-- %
select upper(c_orders.a), nvl(c_orders.b, 0), case c_orders.a when 'x' then c_orders.b else 1 end, coalesce(null, c_orders.a), max(c_orders.b), 'abc'::super, cast('1' as super) from customers
-- %
insert into customers values (1, 'a', '{"b":1}'), (2, '{"c":2}', null), (3, 'x', json_parse('[1]')), (4, 'y', 'z'::varchar);
insert into customers (c_orders, id) values ('[1]', '2'), ($$it's$$, 3);
insert into public.customers (id, c_orders) select 1, '{}' as o;
insert into customers with w as (select '{}' as a) select id, 'n', 'e\'s' from w;
insert into customers select 1, 'n', '{}' union all select 2, 'm', '[]';
insert into customers (id, nothing) values (1, '{}');
insert into songs values ('{}', 1, 2);
update customers set c_orders = '[]', c_name = '[]' where c_orders = 'x';
update customers c set c_name = 'n', c_orders = E'\\' from songs where title = c_name
-- %
select attr, val from customers c, c.c_orders as o, unpivot o as val at attr where attr = 'x'
-- %
select a, e from customers c, c.c_orders as a, a as e at i
-- %
select c.id, (select count(*) from c.c_orders o where o.x > 1) from customers c where exists (select 1 from c.c_orders o, o.items i where i.price > 2)
-- %
select 1 from customers c, c.c_orders as o where exists (select 1 from o.items i where i.price > 2) and exists (select 1 from songs.o)
