-- purpose: make room for the plays that are staged
-- inputs: staging_events
-- table: songplays
-- The expression of songplay_id is that of 41_songplays_insert.
DELETE FROM songplays
WHERE songplay_id IN (
    SELECT MD5(CAST(userid AS VARCHAR(16)) || '/' || CAST(sessionid AS VARCHAR(16)) || '/'
               || CAST(iteminsession AS VARCHAR(16)) || '/' || CAST(ts AS VARCHAR(24)))
    FROM staging_events
    WHERE page = 'NextSong' AND userid IS NOT NULL
);
