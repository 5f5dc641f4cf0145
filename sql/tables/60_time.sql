-- purpose: dimension of moments, with their calendar parts in UTC
-- inputs: songplays
-- grain: one row per distinct start_time of a play
-- table: time
-- It grows with the plays, yet its rows are narrow: a copy on every node, sorted like the fact for merge joins.
CREATE TABLE time (
    start_time TIMESTAMP NOT NULL PRIMARY KEY,
    hour       SMALLINT  NOT NULL,
    day        SMALLINT  NOT NULL,
    week       SMALLINT  NOT NULL,      -- ISO week
    month      SMALLINT  NOT NULL,
    year       SMALLINT  NOT NULL,
    weekday    SMALLINT  NOT NULL       -- 0 is Sunday
)
DISTSTYLE ALL
SORTKEY (start_time);
