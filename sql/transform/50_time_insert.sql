-- purpose: the calendar parts of each moment at which a play began
-- inputs: songplays
-- grain: one row per distinct start_time
-- table: time
-- A moment's parts never change, so only moments that are not there yet are added.
INSERT INTO time (start_time, hour, day, week, month, year, weekday)
SELECT start_time,
       EXTRACT(hour FROM start_time),
       EXTRACT(day FROM start_time),
       EXTRACT(week FROM start_time),
       EXTRACT(month FROM start_time),
       EXTRACT(year FROM start_time),
       EXTRACT(weekday FROM start_time)
FROM (
    SELECT DISTINCT p.start_time
    FROM songplays p
    LEFT JOIN time t ON t.start_time = p.start_time
    WHERE t.start_time IS NULL
) AS missing;
