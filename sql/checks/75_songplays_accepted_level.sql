-- purpose: the level is free or paid
-- table: songplays
-- severity: error
SELECT songplay_id, level
FROM songplays
WHERE level NOT IN ('free', 'paid');
