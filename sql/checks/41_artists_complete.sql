-- purpose: every artist of the staged songs is there
-- table: artists
-- severity: error
SELECT DISTINCT s.artist_id
FROM staging_songs s
LEFT JOIN artists a ON a.artist_id = s.artist_id
WHERE s.artist_id IS NOT NULL AND a.artist_id IS NULL;
