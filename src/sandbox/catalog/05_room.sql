-- Functions whose names PostgreSQL has for something else, and which the dialect calls with their schema: a result's
-- column is labelled by the function's name, without its schema.
CREATE SCHEMA pg_sparkctl;
GRANT USAGE ON SCHEMA pg_sparkctl TO PUBLIC;

-- The server's own EXTRACT and DATE_PART get another name before anything is made that would use them: the first time
-- and when the files are run again, views have the same one. Objects of the server's own have identities below 16384.
UPDATE pg_catalog.pg_proc SET proname = 'sparkctl_pg_' || proname
 WHERE proname IN ('extract', 'date_part') AND pronamespace = 'pg_catalog'::regnamespace AND oid < 16384;
