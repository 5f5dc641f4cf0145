select distinct page from events order by ts desc, page; select distinct e.page from events e order by page; select distinct upper(page) u from events order by upper(page), 1;
select distinct page, level from events order by level; select distinct page from events union select title from songs order by 1
