-- purpose: a song id comes once
-- table: songs
-- severity: error
SELECT song_id, COUNT(*) AS times
FROM songs
GROUP BY song_id
HAVING COUNT(*) > 1;
