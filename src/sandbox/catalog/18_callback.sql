-- What a procedure cannot do by itself: COPY, UNLOAD, and SQL put together as text for EXECUTE, which is Redshift's. It
-- asks the gateway in the middle of its statement: an INFO message, which the client does not see, says what is wanted
-- and the name of the file that the answer is awaited in. An answer may be a question: then what comes of that is said
-- likewise. What is done for the gateway is done with the rights of whoever runs the procedure, but for reading files.

-- One question, and the answer. The gateway's folder is in the server's.
CREATE OR REPLACE FUNCTION pg_catalog.sparkctl_ask(kind text, what text) RETURNS text LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    name text := gen_random_uuid()::text;
    path text := 'sparkctl_answers/' || name;
    size int8;
    looked int4 := 0;
    answer text;
BEGIN
    IF COALESCE(current_setting('sparkctl.gateway', true), '') = '' THEN
        RAISE EXCEPTION USING ERRCODE = '0A000',
            MESSAGE = 'COPY, UNLOAD and EXECUTE in a procedure need the cluster''s port',
            HINT = 'connect to the cluster, not to the server behind it';
    END IF;
    RAISE INFO USING ERRCODE = 'SPK01', MESSAGE = kind || ' ' || name,
        DETAIL = CASE WHEN octet_length(what) = length(what) THEN 'a' || what
                      ELSE 'b' || replace(encode(convert_to(what, 'UTF8'), 'base64'), chr(10), '') END;
    LOOP
        size := (pg_stat_file(path, true)).size;
        EXIT WHEN size IS NOT NULL;
        looked := looked + 1;
        -- Most answers are there at once; a load takes its time.
        IF looked > 200 THEN
            PERFORM pg_sleep(0.001);
        END IF;
    END LOOP;
    answer := pg_read_file(path, 0, size);
    IF left(answer, 1) = '<' THEN
        RETURN '+' || sparkctl_stage(substr(answer, 2)::json);
    END IF;
    RETURN answer;
END $$;

-- Rows that the gateway has put in a file come to a table of our own first: reading files is nobody's right, and what a
-- user's table has in triggers and checks is not to run with ours.
CREATE OR REPLACE FUNCTION pg_catalog.sparkctl_stage(load json) RETURNS text LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    old oid := to_regclass('pg_temp.sparkctl_rows');
BEGIN
    IF old IS NOT NULL AND (SELECT pg_get_userbyid(relowner) <> current_user FROM pg_class WHERE oid = old) THEN
        RAISE EXCEPTION USING ERRCODE = '42P07', MESSAGE = 'relation "sparkctl_rows" already exists';
    END IF;
    IF (load->>'first')::bool THEN
        IF old IS NOT NULL THEN
            DROP TABLE pg_temp.sparkctl_rows;
        END IF;
        EXECUTE 'CREATE TEMPORARY TABLE sparkctl_rows (' || (load->>'columns') || ') ON COMMIT DROP';
        GRANT SELECT ON pg_temp.sparkctl_rows TO PUBLIC;
    ELSE
        TRUNCATE pg_temp.sparkctl_rows;
    END IF;
    EXECUTE 'COPY pg_temp.sparkctl_rows FROM ''sparkctl_answers/' || (load->>'file') || ''' (FORMAT binary)';
    RETURN load->>'insert';
END $$;
REVOKE ALL ON FUNCTION pg_catalog.sparkctl_stage(json) FROM PUBLIC;

-- What the gateway asks.
CREATE OR REPLACE FUNCTION pg_catalog.sparkctl_obey(said text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    verb text := pg_catalog.left(said, 1);
    query text := pg_catalog.substr(said, 2);
    piece text := '';
    rows text := '';
    line text;
BEGIN
    IF verb = '+' THEN
        EXECUTE query;
    ELSIF verb = '?' THEN
        EXECUTE 'SELECT pg_catalog.string_agg(ROW(sparkctl_row.*)::pg_catalog.text, '''') FROM (' || query || pg_catalog.chr(10)
            || ') AS sparkctl_row' INTO rows;
    ELSE
        -- Text that grows is copied each time: so it does in two steps.
        FOR line IN EXECUTE 'SELECT ROW(sparkctl_row.*)::pg_catalog.text FROM (' || query || pg_catalog.chr(10)
                || ') AS sparkctl_row' LOOP
            piece := piece || line;
            IF pg_catalog.octet_length(piece) > 4096 THEN
                rows := rows || piece;
                piece := '';
                IF pg_catalog.octet_length(rows) > 65536 THEN
                    IF pg_catalog.sparkctl_ask('rows', rows) <> '.' THEN
                        RAISE EXCEPTION 'the unload was given up';
                    END IF;
                    rows := '';
                END IF;
            END IF;
        END LOOP;
        rows := rows || piece;
    END IF;
    RETURN COALESCE(rows, '');
END $$;

CREATE OR REPLACE FUNCTION pg_catalog.sparkctl_talk(kind text, what text) RETURNS text LANGUAGE plpgsql STRICT AS $$
DECLARE
    said text := pg_catalog.sparkctl_ask(kind, what);
    why json;
    state text;
    message text;
    detail text;
    hint text;
BEGIN
    IF pg_catalog.left(said, 1) NOT IN ('=', '!') THEN
        BEGIN
            WHILE pg_catalog.left(said, 1) NOT IN ('=', '!') LOOP
                said := pg_catalog.sparkctl_ask('done', pg_catalog.sparkctl_obey(said));
            END LOOP;
        EXCEPTION WHEN OTHERS THEN
            GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL,
                hint = PG_EXCEPTION_HINT;
            said := pg_catalog.sparkctl_ask('failed', pg_catalog.json_build_object('state', state, 'message', message,
                                                                                   'detail', detail, 'hint', hint)::text);
        END;
    END IF;
    IF pg_catalog.left(said, 1) = '=' THEN
        RETURN pg_catalog.substr(said, 2);
    END IF;
    why := pg_catalog.substr(said, 2)::json;
    IF why->>'detail' <> '' THEN
        RAISE EXCEPTION USING ERRCODE = why->>'state', MESSAGE = why->>'message', DETAIL = why->>'detail';
    ELSIF why->>'hint' <> '' THEN
        RAISE EXCEPTION USING ERRCODE = why->>'state', MESSAGE = why->>'message', HINT = why->>'hint';
    END IF;
    RAISE EXCEPTION USING ERRCODE = why->>'state', MESSAGE = why->>'message';
END $$;

-- Text for EXECUTE, as the server shall have it.
CREATE OR REPLACE FUNCTION pg_catalog.sparkctl_text(what text) RETURNS text LANGUAGE sql AS $$
    SELECT CASE WHEN pg_catalog.set_config('sparkctl.loaded', '', true) = '' THEN pg_catalog.sparkctl_talk('text', what) END
$$;

-- A COPY or UNLOAD; how many rows it had.
CREATE OR REPLACE FUNCTION pg_catalog.sparkctl_run(what text) RETURNS int8 LANGUAGE plpgsql AS $$
DECLARE
    rows int8;
BEGIN
    IF pg_catalog.current_setting('sparkctl.loading', true) = 'on' THEN
        RAISE EXCEPTION USING ERRCODE = '0A000', MESSAGE = 'COPY and UNLOAD within another are not supported by this sandbox';
    END IF;
    PERFORM pg_catalog.set_config('sparkctl.loading', 'on', true);
    rows := pg_catalog.sparkctl_talk('run', what)::int8;
    PERFORM pg_catalog.set_config('sparkctl.loading', '', true);
    PERFORM pg_catalog.set_config('sparkctl.loaded', rows::text, true);
    RETURN rows;
END $$;

-- For GET DIAGNOSTICS: the rows of the load that the statement before was; counted: those of another statement.
CREATE OR REPLACE FUNCTION pg_catalog.sparkctl_row_count(counted int8) RETURNS int8 LANGUAGE sql AS $$
    SELECT COALESCE(NULLIF(pg_catalog.current_setting('sparkctl.loaded', true), '')::int8, counted)
$$;
