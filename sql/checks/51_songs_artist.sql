-- purpose: every song's artist is known
-- table: songs
-- severity: error
SELECT s.song_id, s.artist_id
FROM songs s
LEFT JOIN artists a ON a.artist_id = s.artist_id
WHERE a.artist_id IS NULL;
