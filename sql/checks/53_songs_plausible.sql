-- purpose: songs last longer than nothing and come from a year that can be
-- table: songs
-- severity: warn
SELECT song_id, title, year, duration
FROM songs
WHERE duration <= 0 OR year NOT BETWEEN 1900 AND EXTRACT(year FROM GETDATE());
