-- purpose: a moment comes once
-- table: time
-- severity: error
SELECT start_time, COUNT(*) AS times
FROM time
GROUP BY start_time
HAVING COUNT(*) > 1;
