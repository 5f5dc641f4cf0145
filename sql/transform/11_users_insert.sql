-- purpose: each user as of the latest event
-- inputs: staging_events
-- grain: one row per user id seen on any page, logged-out events aside
-- table: users
-- The level is that of the latest event. Events of the same millisecond are told apart by their place in the session,
-- then by session, so that every run picks the same one.
INSERT INTO users (user_id, first_name, last_name, gender, level)
SELECT userid, firstname, lastname, gender, level
FROM (
    SELECT userid, firstname, lastname, gender, level,
           ROW_NUMBER() OVER (PARTITION BY userid ORDER BY ts DESC, iteminsession DESC, sessionid DESC, level) AS recency
    FROM staging_events
    WHERE userid IS NOT NULL
) AS ranked
WHERE recency = 1;
