-- purpose: who listens most, and on which level
-- inputs: songplays, users
-- chart: table
SELECT u.user_id, u.first_name, u.last_name, u.level, COUNT(*) AS plays, COUNT(DISTINCT p.session_id) AS sessions
FROM songplays p
JOIN users u ON u.user_id = p.user_id
GROUP BY u.user_id, u.first_name, u.last_name, u.level
ORDER BY plays DESC, u.user_id
LIMIT 10;
