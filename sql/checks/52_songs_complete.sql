-- purpose: every staged song is there
-- table: songs
-- severity: error
SELECT DISTINCT t.song_id
FROM staging_songs t
LEFT JOIN songs s ON s.song_id = t.song_id
WHERE t.song_id IS NOT NULL AND s.song_id IS NULL;
