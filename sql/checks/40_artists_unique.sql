-- purpose: an artist id comes once
-- table: artists
-- severity: error
SELECT artist_id, COUNT(*) AS times
FROM artists
GROUP BY artist_id
HAVING COUNT(*) > 1;
