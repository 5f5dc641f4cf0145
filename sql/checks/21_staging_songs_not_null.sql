-- purpose: every song has an id, a title, a duration and an artist
-- table: staging_songs
-- severity: error
SELECT song_id, title, duration, artist_id, artist_name
FROM staging_songs
WHERE song_id IS NULL OR title IS NULL OR duration IS NULL OR artist_id IS NULL OR artist_name IS NULL;
