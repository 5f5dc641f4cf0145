-- Views WITH NO SCHEMA BINDING. PostgreSQL ties every view to what it reads; here such a view is untied again, and bound
-- anew when one of its tables comes, goes or changes. While a table is missing a stand-in with the same columns has its
-- place, which says what is missing when it is read.
--   query  what the view is bound with; of a bound one as PostgreSQL prints it, so that nothing in it is a user's text
--   bases  schema.name of what it reads, while bound
CREATE TABLE IF NOT EXISTS pg_catalog.sparkctl_late_views (
    reloid oid PRIMARY KEY, query text NOT NULL, bases text[] NOT NULL DEFAULT '{}', bound bool NOT NULL DEFAULT false
);
GRANT SELECT ON pg_catalog.sparkctl_late_views TO PUBLIC;

CREATE OR REPLACE FUNCTION pg_catalog.sparkctl_missing(why text) RETURNS bool LANGUAGE plpgsql STABLE AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = '42P01', MESSAGE = why;
END $$;

CREATE OR REPLACE FUNCTION pg_catalog.sparkctl_stand_in(view oid, why text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('CREATE OR REPLACE VIEW %s AS SELECT %s FROM pg_catalog.sparkctl_missing(%L)',
                   (SELECT format('%I.%I', n.nspname, c.relname) FROM pg_catalog.pg_class c
                      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = view),
                   (SELECT string_agg(format('NULL::%s AS %I', format_type(atttypid, atttypmod), attname), ', '
                                      ORDER BY attnum)
                      FROM pg_catalog.pg_attribute WHERE attrelid = view AND attnum > 0 AND NOT attisdropped), why);
    UPDATE pg_catalog.sparkctl_late_views SET bound = false WHERE reloid = view;
END $$;

-- The only statement in it, and one that makes a view? A cursor refuses it, and says which.
CREATE OR REPLACE FUNCTION pg_catalog.sparkctl_is_view(statement text) RETURNS bool LANGUAGE plpgsql AS $$
DECLARE c refcursor;
BEGIN
    OPEN c FOR EXECUTE statement;
    CLOSE c;
    RETURN false;
EXCEPTION
    WHEN invalid_cursor_definition THEN RETURN SQLERRM = 'cannot open CREATE VIEW query as cursor';
END $$;

-- The view is made once more, by another name, when its columns are others now; who may read it stays.
CREATE OR REPLACE FUNCTION pg_catalog.sparkctl_remake_view(view oid, name text, body text) RETURNS oid LANGUAGE plpgsql AS $$
DECLARE
    old record;
    made oid;
BEGIN
    SELECT relowner::regrole::text AS owner, relacl INTO old FROM pg_catalog.pg_class WHERE oid = view;
    EXECUTE 'DROP VIEW ' || name;
    EXECUTE 'CREATE VIEW ' || name || ' AS ' || body;
    made := name::regclass::oid;
    EXECUTE 'ALTER VIEW ' || name || ' OWNER TO ' || old.owner;
    UPDATE pg_catalog.pg_class SET relacl = old.relacl WHERE oid = made;
    RETURN made;
END $$;

CREATE OR REPLACE FUNCTION pg_catalog.sparkctl_bind_view(view oid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    late record;
    name text := (SELECT format('%I.%I', n.nspname, c.relname) FROM pg_catalog.pg_class c
                    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = view);
    made oid := view;
BEGIN
    SELECT * INTO late FROM pg_catalog.sparkctl_late_views WHERE reloid = view;
    IF NOT pg_catalog.sparkctl_is_view('CREATE VIEW ' || name || ' AS ' || late.query) THEN
        RETURN;
    END IF;
    BEGIN
        BEGIN
            EXECUTE 'CREATE OR REPLACE VIEW ' || name || ' AS ' || late.query;
        EXCEPTION WHEN invalid_table_definition THEN
            made := pg_catalog.sparkctl_remake_view(view, name, late.query);
        END;
    EXCEPTION WHEN OTHERS THEN
        PERFORM pg_catalog.sparkctl_stand_in(view, SQLERRM);
        RETURN;
    END;
    DELETE FROM pg_catalog.sparkctl_late_views WHERE reloid IN (view, made);
    INSERT INTO pg_catalog.sparkctl_late_views (reloid, query, bases, bound)
    SELECT made, pg_get_viewdef(made), COALESCE(array_agg(DISTINCT format('%I.%I', n.nspname, c.relname)), '{}'), true
      FROM pg_catalog.pg_rewrite w
      JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_rewrite'::regclass AND d.objid = w.oid
       AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid <> made
      JOIN pg_catalog.pg_class c ON c.oid = d.refobjid
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE w.ev_class = made;
    DELETE FROM pg_catalog.pg_depend d USING pg_catalog.pg_rewrite w
     WHERE w.ev_class = made AND d.classid = 'pg_catalog.pg_rewrite'::regclass AND d.objid = w.oid
       AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid <> made;
END $$;

-- What a CREATE VIEW says of itself: see 15_table_attributes.sql for the comment.
CREATE OR REPLACE FUNCTION pg_catalog.sparkctl_follow_views() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, public AS $$
DECLARE
    stack text;
    made record;
    said jsonb;
    late record;
    marked bool;
BEGIN
    GET DIAGNOSTICS stack = PG_CONTEXT;
    stack := stack || current_query();
    marked := strpos(stack, '"late":"yes"') > 0;
    IF current_setting('sparkctl.binding', true) = 'on'
       OR NOT (marked OR EXISTS (SELECT FROM pg_catalog.sparkctl_late_views)) THEN
        RETURN;
    END IF;
    PERFORM set_config('sparkctl.binding', 'on', true);
    FOR made IN SELECT DISTINCT c.oid, c.relname, c.relkind, n.nspname FROM pg_event_trigger_ddl_commands() d
                  JOIN pg_catalog.pg_class c ON d.classid = 'pg_catalog.pg_class'::regclass AND c.oid = d.objid
                  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                 WHERE c.relkind IN ('r', 'm', 'v') LOOP
        said := NULL;
        IF made.relkind = 'v' AND TG_TAG = 'CREATE VIEW' THEN
            DELETE FROM pg_catalog.sparkctl_late_views WHERE reloid = made.oid;
            SELECT m[1]::json::jsonb INTO said
              FROM regexp_matches(stack, '/[*]sparkctl:([{].*?[}])[*]/', 'g') AS m
             WHERE (m[1]::json)->>'late' = 'yes' AND (m[1]::json)->>'table' = made.relname LIMIT 1;
        END IF;
        IF said IS NOT NULL THEN
            INSERT INTO pg_catalog.sparkctl_late_views (reloid, query)
                 VALUES (made.oid, COALESCE(said->>'query', pg_get_viewdef(made.oid)));
            PERFORM pg_catalog.sparkctl_bind_view(made.oid);
        END IF;
        FOR late IN SELECT v.reloid FROM pg_catalog.sparkctl_late_views v
                     WHERE v.reloid <> made.oid
                       AND (format('%I.%I', made.nspname, made.relname) = ANY (v.bases)
                            OR (NOT v.bound AND strpos(lower(v.query), made.relname) > 0)
                            OR (v.bound AND EXISTS (SELECT FROM unnest(v.bases) b WHERE to_regclass(b) IS NULL))) LOOP
            PERFORM pg_catalog.sparkctl_bind_view(late.reloid);
        END LOOP;
    END LOOP;
    PERFORM set_config('sparkctl.binding', 'off', true);
END $$;
DROP EVENT TRIGGER IF EXISTS sparkctl_follow_views;
CREATE EVENT TRIGGER sparkctl_follow_views ON ddl_command_end
    WHEN TAG IN ('CREATE TABLE', 'CREATE TABLE AS', 'SELECT INTO', 'CREATE MATERIALIZED VIEW', 'CREATE VIEW',
                 'ALTER TABLE', 'ALTER VIEW')
    EXECUTE FUNCTION pg_catalog.sparkctl_follow_views();

CREATE OR REPLACE FUNCTION pg_catalog.sparkctl_untie_views() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog AS $$
DECLARE late record;
BEGIN
    IF current_setting('sparkctl.binding', true) = 'on' OR NOT EXISTS (SELECT FROM pg_catalog.sparkctl_late_views) THEN
        RETURN;
    END IF;
    PERFORM set_config('sparkctl.binding', 'on', true);
    DELETE FROM pg_catalog.sparkctl_late_views v USING pg_event_trigger_dropped_objects() d
     WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objsubid = 0 AND v.reloid = d.objid;
    FOR late IN SELECT v.reloid, min(d.object_identity) AS gone
                  FROM pg_catalog.sparkctl_late_views v, pg_event_trigger_dropped_objects() d
                 WHERE v.bound AND d.objsubid = 0 AND d.object_type IN ('table', 'view', 'materialized view')
                   AND format('%I.%I', d.schema_name, d.object_name) = ANY (v.bases)
                 GROUP BY v.reloid LOOP
        PERFORM pg_catalog.sparkctl_stand_in(late.reloid, 'relation "' || late.gone || '" does not exist');
    END LOOP;
    PERFORM set_config('sparkctl.binding', 'off', true);
END $$;
DROP EVENT TRIGGER IF EXISTS sparkctl_untie_views;
CREATE EVENT TRIGGER sparkctl_untie_views ON sql_drop
    WHEN TAG IN ('DROP TABLE', 'DROP SCHEMA', 'DROP VIEW', 'DROP MATERIALIZED VIEW', 'DROP OWNED')
    EXECUTE FUNCTION pg_catalog.sparkctl_untie_views();
REVOKE ALL ON FUNCTION pg_catalog.sparkctl_stand_in(oid, text), pg_catalog.sparkctl_is_view(text),
    pg_catalog.sparkctl_remake_view(oid, text, text), pg_catalog.sparkctl_bind_view(oid) FROM PUBLIC;

-- FROM pg_get_late_binding_view_cols() cols(view_schema name, view_name name, col_name name, col_type varchar, col_num int)
CREATE OR REPLACE FUNCTION pg_catalog.pg_get_late_binding_view_cols() RETURNS SETOF record LANGUAGE sql STABLE AS $$
    SELECT n.nspname, c.relname, a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod)::varchar, a.attnum::int4
      FROM pg_catalog.sparkctl_late_views v
      JOIN pg_catalog.pg_class c ON c.oid = v.reloid
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
     WHERE v.bound
     ORDER BY 1, 2, 5
$$;
