-- Functions whose names PostgreSQL has for something else, and which the dialect calls with their schema: a result's
-- column is labelled by the function's name, without its schema.
CREATE SCHEMA pg_sparkctl;
GRANT USAGE ON SCHEMA pg_sparkctl TO PUBLIC;
