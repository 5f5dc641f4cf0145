-- purpose: make room for the users whose events are staged
-- inputs: staging_events
-- table: users
DELETE FROM users
WHERE user_id IN (SELECT userid FROM staging_events WHERE userid IS NOT NULL);
