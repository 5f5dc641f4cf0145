-- purpose: every play's moment is known
-- table: songplays
-- severity: error
SELECT p.songplay_id, p.start_time
FROM songplays p
LEFT JOIN time t ON t.start_time = p.start_time
WHERE t.start_time IS NULL;
