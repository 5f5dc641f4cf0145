-- purpose: a play comes once
-- table: songplays
-- severity: error
SELECT session_id, item_in_session, start_time, user_id, COUNT(*) AS times
FROM songplays
GROUP BY session_id, item_in_session, start_time, user_id
HAVING COUNT(*) > 1;
