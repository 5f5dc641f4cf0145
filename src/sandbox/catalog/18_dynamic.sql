-- For SQL that procedures put together as text: the dialect's expressions call these.

-- What cannot be is said when it is run.
CREATE OR REPLACE FUNCTION pg_catalog.sparkctl_refuse(state text, why text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = state, MESSAGE = why;
END $$;

-- A name as the server keeps it, of one in quotes or without.
CREATE OR REPLACE FUNCTION pg_catalog.sparkctl_plain_name(name text, fold bool) RETURNS text LANGUAGE sql IMMUTABLE
    SET search_path = pg_catalog AS $$
    SELECT CASE WHEN name ~ '^"([^"]|"")*"$' AND fold THEN lower(replace(substr(name, 2, length(name) - 2), '""', '"'))
                WHEN name ~ '^"([^"]|"")*"$' THEN replace(substr(name, 2, length(name) - 2), '""', '"')
                WHEN name ~ '^[A-Za-z0-9_$]*$' THEN lower(name)
                ELSE name END
$$;
-- A value within a string, within a name in quotes, and within the comment that tells of a table.
CREATE OR REPLACE FUNCTION pg_catalog.sparkctl_in_string(value text, fold bool) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT pg_catalog.replace(pg_catalog.replace(value, E'\\', E'\\\\'), '''', '''''')
$$;
CREATE OR REPLACE FUNCTION pg_catalog.sparkctl_in_quotes(value text, fold bool) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT pg_catalog.replace(CASE WHEN value ~ '^".*"$' THEN pg_catalog.sparkctl_plain_name(value, fold)
                                   WHEN fold THEN pg_catalog.lower(value) ELSE value END, '"', '""')
$$;
CREATE OR REPLACE FUNCTION pg_catalog.sparkctl_in_comment(value text, fold bool) RETURNS text LANGUAGE sql IMMUTABLE
    SET search_path = pg_catalog AS $$
    SELECT replace(substr(j, 2, length(j) - 2), '/', E'\/') FROM to_json(sparkctl_plain_name(value, fold)) x (t), CAST(t AS text) j
$$;
-- The name of a table may bring its schema.
CREATE OR REPLACE FUNCTION pg_catalog.sparkctl_in_comment_table(value text, fold bool) RETURNS text LANGUAGE plpgsql IMMUTABLE
    SET search_path = pg_catalog AS $$
DECLARE
    parts text[] := regexp_match(value, '^ *("(?:[^"]|"")*"|[^".]+) *[.] *("(?:[^"]|"")*"|[^".]+) *$');
BEGIN
    IF parts IS NULL THEN
        RETURN sparkctl_in_comment(trim(value), fold);
    END IF;
    RETURN sparkctl_in_comment(parts[2], fold) || '","schema":"' || sparkctl_in_comment(parts[1], fold);
END $$;
