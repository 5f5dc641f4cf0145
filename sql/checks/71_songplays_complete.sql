-- purpose: every staged NextSong event is a play
-- table: songplays
-- severity: error
SELECT e.userid, e.sessionid, e.iteminsession, e.ts
FROM staging_events e
LEFT JOIN songplays p
       ON p.session_id = e.sessionid
      AND p.item_in_session = e.iteminsession
      AND p.user_id = e.userid
      AND p.start_time = TIMESTAMP 'epoch' + e.ts / 1000.0 * INTERVAL '1 second'
WHERE e.page = 'NextSong' AND p.songplay_id IS NULL;
