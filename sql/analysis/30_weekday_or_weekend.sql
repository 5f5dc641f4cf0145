-- purpose: do free and paid users listen on different days
-- inputs: songplays, time
-- chart: bar x=part y=plays series=level
SELECT CASE WHEN t.weekday IN (0, 6) THEN 'weekend' ELSE 'weekday' END AS part, p.level, COUNT(*) AS plays
FROM songplays p
JOIN time t ON t.start_time = p.start_time
GROUP BY 1, 2
ORDER BY 1, 2;
