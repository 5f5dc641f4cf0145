-- purpose: landing table of the event log, one column per JSON field, in the order of the JSONPaths file
-- inputs: s3 event files, loaded by load/10_staging_events
-- grain: one row per event of the log, whatever its page
-- table: staging_events
-- staging: yes
-- Names are those of the JSON fields in lower case, so that a JSONPaths file and 'auto ignorecase' both fill them.
-- Rows are read in full, once, by the transform: even distribution loads on all slices at the same speed, and the
-- sort key on ts puts the latest event of a user into the last blocks.
CREATE TABLE staging_events (
    artist        VARCHAR(1024),      -- lengths are bytes: a few hundred characters of any script fit
    auth          VARCHAR(32),
    firstname     VARCHAR(256),
    gender        VARCHAR(8),
    iteminsession INTEGER,
    lastname      VARCHAR(256),
    length        DOUBLE PRECISION,   -- the JSON number itself; DECIMAL would cut digits while loading
    level         VARCHAR(16),
    location      VARCHAR(512),
    method        VARCHAR(16),
    page          VARCHAR(64),
    registration  BIGINT,             -- milliseconds since 1970, beyond the range of INTEGER
    sessionid     INTEGER,
    song          VARCHAR(1024),
    status        SMALLINT,
    ts            BIGINT,             -- milliseconds since 1970
    useragent     VARCHAR(1024),
    userid        INTEGER             -- a string in the files; "" of a logged-out user becomes NULL
)
DISTSTYLE EVEN
SORTKEY (ts);
