-- purpose: where do the artists of the catalogue come from
-- inputs: artists, songs, songplays
-- chart: map latitude=latitude longitude=longitude size=songs label=name
SELECT a.name, a.location, a.latitude, a.longitude, COUNT(DISTINCT s.song_id) AS songs, COUNT(p.songplay_id) AS plays
FROM artists a
JOIN songs s ON s.artist_id = a.artist_id
LEFT JOIN songplays p ON p.song_id = s.song_id
WHERE a.latitude IS NOT NULL AND a.longitude IS NOT NULL
GROUP BY a.artist_id, a.name, a.location, a.latitude, a.longitude
ORDER BY plays DESC, songs DESC, a.name, a.location;
