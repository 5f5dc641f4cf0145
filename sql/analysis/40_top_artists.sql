-- purpose: which artists are played most
-- inputs: staging_events
-- chart: bar x=artist y=plays
-- The events' own names: a play of an artist outside the catalogue has no artist_id, and most plays are such.
SELECT artist, COUNT(*) AS plays, COUNT(DISTINCT userid) AS listeners
FROM staging_events
WHERE page = 'NextSong'
GROUP BY artist
ORDER BY plays DESC, artist
LIMIT 10;
