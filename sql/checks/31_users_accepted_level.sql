-- purpose: the level is free or paid
-- table: users
-- severity: error
SELECT user_id, level
FROM users
WHERE level IS NULL OR level NOT IN ('free', 'paid');
