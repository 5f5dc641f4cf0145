select date_part(hour, ts), date_part('weekday', ts), extract(dayofweek from ts), dateadd(month, 1, ts), date_add('ms', 5, ts), datediff(day, a, b), date_diff('year', a, b);
select sysdate, getdate(), x.sysdate from x where ts > sysdate - interval '1 day';
select timestamp 'epoch' + ts/1000 * interval '1 second' from events
