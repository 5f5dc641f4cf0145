select id, name, manager_id from employee where level < 4 start with name = 'John' connect by prior id = manager_id;
select *, level from employee e connect by e.manager_id = prior e.id and level < 3 start with e.manager_id is null order by level, id;
select count(*) from employee connect by prior (id) = manager_id; select level as depth, max(level) over () from (select id, manager_id from employee) t start with id = 1 connect by manager_id = prior id;
select start.id, connect.id from employee as start, employee as connect
-- %
select e.name, d.title, level from employee e join songs d on d.title = e.name where level > 1 start with e.manager_id is null connect by prior e.id = manager_id and d.year > prior year order by level;
select *, e.* from employee e left join (select artist_id as id from songs) s on s.id = e.id connect by prior s.id = e.manager_id
-- %
select id from employee, songs connect by prior id = manager_id
-- %
select id from employee join songs using (id) connect by prior id = manager_id
-- %
select id from employee connect by id = manager_id
