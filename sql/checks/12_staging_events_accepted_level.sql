-- purpose: the level is free or paid
-- table: staging_events
-- severity: error
SELECT level, COUNT(*) AS events
FROM staging_events
WHERE level NOT IN ('free', 'paid')
GROUP BY level;
