merge into target using source on target.id = source.id when matched then update set id = source.id, name = source.name when not matched then insert values (source.id, source.name);
merge into target using source s on target.id = s.id when matched then delete when not matched then insert (id, name) values (s.id, case when s.name = 'x' then 'y' end);
merge into target using source on target.id = source.id remove duplicates;
merge into public.target using (select id, nvl(name, '-') from source) s on target.id = s.id remove duplicates
-- %
merge into target using source on target.id = source.id when matched then update set name = 'x'
-- %
merge into target using source on target.id = source.id when matched and target.id > 1 then delete when not matched then insert values (1, 2)
-- %
merge into target using source on target.id = source.id when not matched then insert values (1, 2) when matched then delete
-- %
merge into target using source on target.id = source.id when matched then delete when not matched then insert values (1, 2) when matched then delete
-- %
merge into target using songs on target.id = songs.year remove duplicates
-- %
merge into target using source on case when target.id = 1 then 1 else 2 end = source.id when matched then update set name = case when true then 'x' end when not matched then insert values (1, case when false then 'y' end)
