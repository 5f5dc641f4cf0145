-- purpose: at which hour of the day (UTC) do people listen
-- inputs: songplays, time
-- chart: bar x=hour y=plays
SELECT t.hour, COUNT(*) AS plays
FROM songplays p
JOIN time t ON t.start_time = p.start_time
GROUP BY t.hour
ORDER BY t.hour;
