-- purpose: landing table of the song catalogue, columns named like the JSON fields
-- inputs: s3 song files, loaded by load/20_staging_songs
-- grain: one row per song file
-- table: staging_songs
-- staging: yes
-- A whole copy on every node: the catalogue is small, and the join with the events by title then moves no rows.
CREATE TABLE staging_songs (
    song_id          VARCHAR(32),
    title            VARCHAR(1024),
    duration         DOUBLE PRECISION,
    year             SMALLINT,          -- 0 when unknown
    num_songs        INTEGER,
    artist_id        VARCHAR(32),
    artist_name      VARCHAR(1024),     -- names that list all featured guests run to several hundred characters
    artist_location  VARCHAR(1024),
    artist_latitude  DOUBLE PRECISION,
    artist_longitude DOUBLE PRECISION
)
DISTSTYLE ALL
SORTKEY (title);
