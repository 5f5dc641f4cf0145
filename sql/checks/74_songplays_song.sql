-- purpose: every matched play's song is known and is by the artist that the play names
-- table: songplays
-- severity: error
SELECT p.songplay_id, p.song_id, p.artist_id
FROM songplays p
LEFT JOIN songs s ON s.song_id = p.song_id
WHERE (p.song_id IS NOT NULL AND s.song_id IS NULL)
   OR (p.song_id IS NOT NULL AND (p.artist_id IS NULL OR p.artist_id <> s.artist_id))
   OR (p.song_id IS NULL AND p.artist_id IS NOT NULL);
