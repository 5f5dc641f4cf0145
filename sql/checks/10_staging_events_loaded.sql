-- purpose: the event log is not empty
-- table: staging_events
-- severity: error
SELECT 'no rows' AS problem
FROM (SELECT COUNT(*) AS loaded FROM staging_events) AS counted
WHERE loaded = 0;
