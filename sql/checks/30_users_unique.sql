-- purpose: a user id comes once
-- table: users
-- severity: error
SELECT user_id, COUNT(*) AS times
FROM users
GROUP BY user_id
HAVING COUNT(*) > 1;
