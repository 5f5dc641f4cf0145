-- purpose: make room for the artists whose songs are staged
-- inputs: staging_songs
-- table: artists
DELETE FROM artists
WHERE artist_id IN (SELECT artist_id FROM staging_songs WHERE artist_id IS NOT NULL);
