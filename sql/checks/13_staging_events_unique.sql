-- purpose: no event is staged twice
-- table: staging_events
-- severity: warn
SELECT userid, sessionid, iteminsession, ts, COUNT(*) AS times
FROM staging_events
GROUP BY userid, sessionid, iteminsession, ts
HAVING COUNT(*) > 1;
