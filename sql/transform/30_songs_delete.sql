-- purpose: make room for the songs that are staged
-- inputs: staging_songs
-- table: songs
DELETE FROM songs
WHERE song_id IN (SELECT song_id FROM staging_songs WHERE song_id IS NOT NULL);
