update target set name = name || o.name from songs s, target o where id = o.id and name = s.title;
update target set name = s.name from source s where target.id = s.id; update target t set name = lower(name) from target o where t.id = o.id;
update target set name = name from source s, target o where target.id = o.id
