-- purpose: dimension of listeners
-- inputs: staging_events
-- grain: one row per user id, with the level of the user's latest event
-- table: users
-- A hundred rows that nearly every question joins: a copy on every node keeps the join local.
CREATE TABLE users (
    user_id    INTEGER      NOT NULL PRIMARY KEY,
    first_name VARCHAR(256),
    last_name  VARCHAR(256),
    gender     VARCHAR(8),
    level      VARCHAR(16)  NOT NULL
)
DISTSTYLE ALL
SORTKEY (user_id);
