-- purpose: each artist once
-- inputs: staging_songs
-- grain: one row per artist id
-- table: artists
-- The same artist comes with several spellings and places. Taken is a row that tells the place on the map, then one
-- that tells the location, then the shortest name, which is the one without featured guests, then the first in byte order.
INSERT INTO artists (artist_id, name, location, latitude, longitude)
SELECT artist_id, artist_name, NULLIF(artist_location, ''), artist_latitude, artist_longitude
FROM (
    SELECT artist_id, artist_name, artist_location, artist_latitude, artist_longitude,
           ROW_NUMBER() OVER (
               PARTITION BY artist_id
               ORDER BY CASE WHEN artist_latitude IS NULL THEN 1 ELSE 0 END,
                        CASE WHEN artist_location IS NULL OR artist_location = '' THEN 1 ELSE 0 END,
                        LENGTH(artist_name), artist_name, artist_location, artist_latitude, artist_longitude
           ) AS choice
    FROM staging_songs
    WHERE artist_id IS NOT NULL
) AS ranked
WHERE choice = 1;
