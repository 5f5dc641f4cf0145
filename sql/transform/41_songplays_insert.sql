-- purpose: each play, with its song and artist where the catalogue knows them
-- inputs: staging_events, staging_songs
-- grain: one row per NextSong event of a known user
-- table: songplays
-- The grain is the event, so an event that matches no song stays, with NULL in song_id and artist_id (a LEFT JOIN): the
-- plays of an hour or of a user are right whatever the catalogue holds, and an inner join would keep some 5 in 1,000.
-- A match is title and artist name as spelt and the same duration: the catalogue holds other recordings of the same
-- title. It is looked for in staging_songs, which holds every spelling of an artist, not in artists, which holds one.
-- Both durations are the same decimal text read into the same type, so equal ones compare equal.
-- An event staged twice is one play; two songs that match one event give one play, with the lower song_id.
INSERT INTO songplays (songplay_id, start_time, user_id, level, song_id, artist_id, session_id, item_in_session,
                       location, user_agent)
SELECT songplay_id, start_time, userid, level, song_id, artist_id, sessionid, iteminsession, location, useragent
FROM (
    SELECT e.songplay_id,
           TIMESTAMP 'epoch' + e.ts / 1000.0 * INTERVAL '1 second' AS start_time,
           e.userid, e.level, s.song_id, s.artist_id, e.sessionid, e.iteminsession, e.location, e.useragent,
           ROW_NUMBER() OVER (
               PARTITION BY e.songplay_id
               ORDER BY s.song_id, s.artist_id, e.level, e.location, e.useragent
           ) AS choice
    FROM (
        SELECT MD5(CAST(userid AS VARCHAR(16)) || '/' || CAST(sessionid AS VARCHAR(16)) || '/'
                   || CAST(iteminsession AS VARCHAR(16)) || '/' || CAST(ts AS VARCHAR(24))) AS songplay_id,
               ts, userid, level, sessionid, iteminsession, location, useragent, song, artist, length
        FROM staging_events
        WHERE page = 'NextSong' AND userid IS NOT NULL
    ) AS e
    LEFT JOIN staging_songs s
           ON s.title = e.song AND s.artist_name = e.artist AND s.duration = e.length
) AS matched
WHERE choice = 1;
