-- purpose: every user of the staged events is there
-- table: users
-- severity: error
SELECT DISTINCT e.userid
FROM staging_events e
LEFT JOIN users u ON u.user_id = e.userid
WHERE e.userid IS NOT NULL AND u.user_id IS NULL;
