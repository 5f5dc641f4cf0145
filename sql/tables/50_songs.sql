-- purpose: dimension of songs
-- inputs: staging_songs
-- grain: one row per song id
-- table: songs
-- Some fifteen thousand rows: small enough for a copy on every node.
CREATE TABLE songs (
    song_id   VARCHAR(32)   NOT NULL PRIMARY KEY,
    title     VARCHAR(1024) NOT NULL,
    artist_id VARCHAR(32)   NOT NULL REFERENCES artists (artist_id),
    year      SMALLINT,                 -- NULL when unknown
    duration  DECIMAL(12,5) NOT NULL    -- seconds; the catalogue gives five decimals, INSERT rounds to them
)
DISTSTYLE ALL
SORTKEY (song_id);
