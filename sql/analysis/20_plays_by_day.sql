-- purpose: how do plays go from day to day, free against paid
-- inputs: songplays
-- chart: line x=day y=plays series=level
SELECT TRUNC(start_time) AS day, level, COUNT(*) AS plays
FROM songplays
GROUP BY TRUNC(start_time), level
ORDER BY 1, 2;
