-- purpose: each song once
-- inputs: staging_songs
-- grain: one row per song id
-- table: songs
-- Year 0 means unknown and becomes NULL, so that averages and minima over years tell the truth. Should a song id come
-- twice, the row with a year is taken, then the first by title, artist and duration.
INSERT INTO songs (song_id, title, artist_id, year, duration)
SELECT song_id, title, artist_id, NULLIF(year, 0), duration
FROM (
    SELECT song_id, title, artist_id, year, duration,
           ROW_NUMBER() OVER (
               PARTITION BY song_id
               ORDER BY CASE WHEN year > 0 THEN 0 ELSE 1 END, year, title, artist_id, duration
           ) AS choice
    FROM staging_songs
    WHERE song_id IS NOT NULL
) AS ranked
WHERE choice = 1;
