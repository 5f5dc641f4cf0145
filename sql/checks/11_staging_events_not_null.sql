-- purpose: every event tells when, where and in which session it happened
-- table: staging_events
-- severity: error
SELECT ts, page, sessionid, iteminsession, level
FROM staging_events
WHERE ts IS NULL OR page IS NULL OR sessionid IS NULL OR iteminsession IS NULL OR level IS NULL;
