-- purpose: every play's user is known
-- table: songplays
-- severity: error
SELECT p.songplay_id, p.user_id
FROM songplays p
LEFT JOIN users u ON u.user_id = p.user_id
WHERE u.user_id IS NULL;
