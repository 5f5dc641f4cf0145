-- purpose: dimension of artists
-- inputs: staging_songs
-- grain: one row per artist id, with one of the artist's spellings
-- table: artists
-- Some ten thousand rows: small enough for a copy on every node.
CREATE TABLE artists (
    artist_id VARCHAR(32)   NOT NULL PRIMARY KEY,
    name      VARCHAR(1024) NOT NULL,
    location  VARCHAR(1024),
    latitude  DOUBLE PRECISION,
    longitude DOUBLE PRECISION
)
DISTSTYLE ALL
SORTKEY (artist_id);
