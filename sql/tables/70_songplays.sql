-- purpose: the fact: plays of songs
-- inputs: staging_events, staging_songs
-- grain: one row per NextSong event
-- table: songplays
-- Even distribution, because song_id, the only key worth joining large tables by, is NULL for most plays and would put
-- them all on one slice; the dimensions are on every node anyway. Sorted by time, which nearly every question limits.
CREATE TABLE songplays (
    songplay_id     CHAR(32)     NOT NULL PRIMARY KEY,  -- digest of the event's own key: the same in every run
    start_time      TIMESTAMP    NOT NULL REFERENCES time (start_time),
    user_id         INTEGER      NOT NULL REFERENCES users (user_id),
    level           VARCHAR(16)  NOT NULL,              -- at the time of the play
    song_id         VARCHAR(32)  REFERENCES songs (song_id),      -- NULL: not in the catalogue
    artist_id       VARCHAR(32)  REFERENCES artists (artist_id),  -- NULL: not in the catalogue
    session_id      INTEGER      NOT NULL,
    item_in_session INTEGER      NOT NULL,
    location        VARCHAR(512),
    user_agent      VARCHAR(1024)
)
DISTSTYLE EVEN
SORTKEY (start_time);
