-- Aggregates with Redshift's result types, and those that PostgreSQL lacks.

-- AVG of integers is a BIGINT, cut off; SUM of BIGINT is a BIGINT. The server's own aggregates are changed, so that
-- their names, and with them the labels of columns, stay. The states of the smaller integers' AVG are {count, sum}.
CREATE FUNCTION pg_catalog.sparkctl_avg_final(state int8[]) RETURNS int8 LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT CASE WHEN state[1] > 0 THEN state[2] / state[1] END
$$;
CREATE FUNCTION pg_catalog.sparkctl_avg_step(state int8[], n int8) RETURNS int8[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT ARRAY[state[1] + 1, state[2] + n]
$$;
CREATE FUNCTION pg_catalog.sparkctl_avg_back(state int8[], n int8) RETURNS int8[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT ARRAY[state[1] - 1, state[2] - n]
$$;
UPDATE pg_catalog.pg_proc SET prorettype = 'int8'::regtype
 WHERE oid IN ('pg_catalog.avg(int2)'::regprocedure, 'pg_catalog.avg(int4)'::regprocedure,
               'pg_catalog.avg(int8)'::regprocedure, 'pg_catalog.sum(int8)'::regprocedure);
UPDATE pg_catalog.pg_aggregate
   SET aggfinalfn = 'pg_catalog.sparkctl_avg_final(int8[])'::regprocedure,
       aggmfinalfn = 'pg_catalog.sparkctl_avg_final(int8[])'::regprocedure
 WHERE aggfnoid IN ('pg_catalog.avg(int2)'::regprocedure, 'pg_catalog.avg(int4)'::regprocedure);
UPDATE pg_catalog.pg_aggregate
   SET aggtransfn = 'pg_catalog.sparkctl_avg_step(int8[],int8)'::regprocedure,
       aggfinalfn = 'pg_catalog.sparkctl_avg_final(int8[])'::regprocedure,
       aggcombinefn = 'pg_catalog.int4_avg_combine(int8[],int8[])'::regprocedure, aggserialfn = 0, aggdeserialfn = 0,
       aggmtransfn = 'pg_catalog.sparkctl_avg_step(int8[],int8)'::regprocedure,
       aggminvtransfn = 'pg_catalog.sparkctl_avg_back(int8[],int8)'::regprocedure,
       aggmfinalfn = 'pg_catalog.sparkctl_avg_final(int8[])'::regprocedure,
       aggtranstype = 'int8[]'::regtype, aggtransspace = 0, aggmtranstype = 'int8[]'::regtype, aggmtransspace = 0,
       agginitval = '{0,0}', aggminitval = '{0,0}'
 WHERE aggfnoid = 'pg_catalog.avg(int8)'::regprocedure;
UPDATE pg_catalog.pg_aggregate
   SET aggtransfn = 'pg_catalog.int8pl(int8,int8)'::regprocedure, aggfinalfn = 0,
       aggcombinefn = 'pg_catalog.int8pl(int8,int8)'::regprocedure, aggserialfn = 0, aggdeserialfn = 0,
       aggmtransfn = 0, aggminvtransfn = 0, aggmfinalfn = 0,
       aggtranstype = 'int8'::regtype, aggtransspace = 0, aggmtranstype = 0, aggmtransspace = 0,
       agginitval = NULL, aggminitval = NULL
 WHERE aggfnoid = 'pg_catalog.sum(int8)'::regprocedure;
-- Deviations and variances are doubles: without the forms for other numbers, those become doubles.
UPDATE pg_catalog.pg_proc SET proname = 'sparkctl_pg_' || proname
 WHERE oid < 16384 AND pronamespace = 'pg_catalog'::regnamespace
   AND proname IN ('stddev', 'stddev_samp', 'stddev_pop', 'variance', 'var_samp', 'var_pop')
   AND proargtypes IN ('20'::oidvector, '21'::oidvector, '23'::oidvector, '700'::oidvector, '1700'::oidvector);

CREATE FUNCTION pg_catalog.sparkctl_any(state anyelement, n anyelement) RETURNS anyelement
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$ SELECT state $$;
CREATE AGGREGATE pg_catalog.any_value(anyelement) (SFUNC = sparkctl_any, STYPE = anyelement, PARALLEL = SAFE);

-- LISTAGG leaves out what is NULL or empty.
CREATE FUNCTION pg_sparkctl.listagg_add(state text, item text, delimiter text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    IF item IS NULL OR octet_length(item) = 0 THEN
        RETURN state;
    ELSIF octet_length(state) + octet_length(delimiter) + octet_length(item) > 65535 THEN
        RAISE EXCEPTION USING ERRCODE = '54000', MESSAGE = 'Result size exceeds LISTAGG limit';
    END IF;
    RETURN CASE WHEN state IS NULL THEN item ELSE state || delimiter || item END;
END $$;
CREATE FUNCTION pg_sparkctl.listagg_step(state text, v anyelement, delimiter text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT pg_sparkctl.listagg_add(state, v::text, COALESCE(delimiter, ''))
$$;
CREATE FUNCTION pg_sparkctl.listagg_step(state text, v anyelement) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT pg_sparkctl.listagg_add(state, v::text, '')
$$;
-- Literals have no type that an argument of any type could take.
CREATE FUNCTION pg_sparkctl.listagg_step(state text, v text, delimiter text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN pg_sparkctl.listagg_add(state, v, COALESCE(delimiter, ''));
END $$;
CREATE FUNCTION pg_sparkctl.listagg_step(state text, v text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN pg_sparkctl.listagg_add(state, v, '');
END $$;
CREATE AGGREGATE pg_catalog.listagg(text, text) (SFUNC = pg_sparkctl.listagg_step, STYPE = text);
CREATE AGGREGATE pg_catalog.listagg(text) (SFUNC = pg_sparkctl.listagg_step, STYPE = text);
CREATE AGGREGATE pg_catalog.listagg(anyelement, text) (SFUNC = pg_sparkctl.listagg_step, STYPE = text);
CREATE AGGREGATE pg_catalog.listagg(anyelement) (SFUNC = pg_sparkctl.listagg_step, STYPE = text);

-- LISTAGG(DISTINCT ..) OVER (..): windows do not take DISTINCT. What was there first, in the window's order, stays.
CREATE FUNCTION pg_sparkctl.listagg_distinct_step(state text[], item text, delimiter text) RETURNS text[] LANGUAGE plpgsql
    IMMUTABLE AS $$
BEGIN
    state := COALESCE(state, ARRAY[NULL, COALESCE(delimiter, '')]);
    IF item IS NULL OR octet_length(item) = 0 OR item = ANY (state[3:]) THEN
        RETURN state;
    END IF;
    state[1] := pg_sparkctl.listagg_add(state[1], item, state[2]);
    RETURN state || item;
END $$;
CREATE FUNCTION pg_sparkctl.listagg_distinct_step(state text[], v anyelement, delimiter text) RETURNS text[] LANGUAGE sql
    IMMUTABLE AS $$
    SELECT pg_sparkctl.listagg_distinct_step(state, v::text, delimiter)
$$;
CREATE FUNCTION pg_sparkctl.listagg_distinct_text(state text[]) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT state[1]
$$;
CREATE AGGREGATE pg_sparkctl.listagg_distinct(text, text)
    (SFUNC = pg_sparkctl.listagg_distinct_step, STYPE = text[], FINALFUNC = pg_sparkctl.listagg_distinct_text);
CREATE AGGREGATE pg_sparkctl.listagg_distinct(anyelement, text)
    (SFUNC = pg_sparkctl.listagg_distinct_step, STYPE = text[], FINALFUNC = pg_sparkctl.listagg_distinct_text);

-- The value at a fraction of the way through ordered values. As ordinary aggregates, which unlike the server's own work
-- over windows too: MEDIAN(e), and what the dialect makes of PERCENTILE_CONT(f) WITHIN GROUP (ORDER BY e).
CREATE FUNCTION pg_sparkctl.between_rows(v numeric[], fraction numeric) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT trim_scale(v[low + 1] + (v[CASE WHEN at > low THEN low + 2 ELSE low + 1 END] - v[low + 1]) * (at - low))
      FROM (SELECT fraction * (cardinality(v) - 1) AS at, floor(fraction * (cardinality(v) - 1))::int4 AS low) p
$$;
CREATE FUNCTION pg_sparkctl.between_rows(v date[], fraction numeric) RETURNS date LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT v[low + 1] + ((v[CASE WHEN at > low THEN low + 2 ELSE low + 1 END] - v[low + 1]) * (at - low))::int4
      FROM (SELECT fraction * (cardinality(v) - 1) AS at, floor(fraction * (cardinality(v) - 1))::int4 AS low) p
$$;
CREATE FUNCTION pg_sparkctl.check_fraction(fraction float8) RETURNS float8 LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    IF fraction IS NULL OR NOT fraction BETWEEN 0 AND 1 THEN
        RAISE EXCEPTION USING ERRCODE = '22003', MESSAGE = 'percentile value ' || COALESCE(fraction::text, 'NULL')
            || ' is not between 0 and 1';
    END IF;
    RETURN fraction;
END $$;
-- States are arrays of the values. MEDIAN's grow in place; the others are copied for each row, which is why the dialect
-- leaves PERCENTILE_CONT without a window to the server. Integers become numeric.
DO $do$
DECLARE
    kind record;
BEGIN
    FOR kind IN SELECT * FROM (VALUES
        ('numeric', 'numeric'), ('float8', 'float8'), ('timestamp', 'timestamp'), ('timestamptz', 'timestamptz'),
        ('date', 'date'), ('int2', 'numeric'), ('int4', 'numeric'), ('int8', 'numeric')) AS k(argument, state)
    LOOP
        IF kind.state NOT IN ('numeric', 'date') THEN
            EXECUTE format($f$
                CREATE OR REPLACE FUNCTION pg_sparkctl.between_rows(v %1$s[], fraction numeric) RETURNS %1$s
                    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
                    SELECT v[low + 1] + (v[CASE WHEN at > low THEN low + 2 ELSE low + 1 END] - v[low + 1])
                                        * (at - low)::float8
                      FROM (SELECT fraction * (cardinality(v) - 1) AS at,
                                   floor(fraction * (cardinality(v) - 1))::int4 AS low) p
                $$;
                $f$, kind.state);
        END IF;
        EXECUTE format($f$
            CREATE OR REPLACE FUNCTION pg_sparkctl.collect(state %2$s[], v %1$s) RETURNS %2$s[]
                LANGUAGE plpgsql IMMUTABLE AS $$
            BEGIN
                IF v IS NOT NULL THEN
                    state := state || v::%2$s;
                END IF;
                RETURN state;
            END $$;
            CREATE OR REPLACE FUNCTION pg_sparkctl.median_of(state %1$s[]) RETURNS %2$s LANGUAGE sql IMMUTABLE AS $$
                SELECT pg_sparkctl.between_rows(ARRAY(SELECT v::%2$s FROM unnest(state) v WHERE v IS NOT NULL ORDER BY 1), 0.5)
            $$;
            CREATE OR REPLACE AGGREGATE pg_catalog.median(%1$s)
                (SFUNC = array_append, STYPE = %1$s[], INITCOND = '{}', FINALFUNC = pg_sparkctl.median_of);
            $f$, kind.argument, kind.state);
        IF kind.state IN ('numeric', 'float8') THEN
            -- the first element is the fraction
            EXECUTE format($f$
                CREATE OR REPLACE FUNCTION pg_sparkctl.collect(state %2$s[], v %1$s, fraction float8) RETURNS %2$s[]
                    LANGUAGE plpgsql IMMUTABLE AS $$
                BEGIN
                    IF cardinality(state) = 0 THEN
                        state := state || pg_sparkctl.check_fraction(fraction)::%2$s;
                    END IF;
                    IF v IS NOT NULL THEN
                        state := state || v::%2$s;
                    END IF;
                    RETURN state;
                END $$;
                CREATE OR REPLACE FUNCTION pg_sparkctl.continuous(state %2$s[]) RETURNS %2$s LANGUAGE sql IMMUTABLE AS $$
                    SELECT pg_sparkctl.between_rows(ARRAY(SELECT v FROM unnest(state[2:]) v ORDER BY v), state[1]::numeric)
                $$;
                CREATE OR REPLACE FUNCTION pg_sparkctl.discrete(state %2$s[]) RETURNS %2$s LANGUAGE sql IMMUTABLE AS $$
                    SELECT (ARRAY(SELECT v FROM unnest(state[2:]) v ORDER BY v))
                           [GREATEST(1, ceil(state[1] * (cardinality(state) - 1))::int4)]
                $$;
                CREATE OR REPLACE AGGREGATE pg_sparkctl.percentile_cont(%1$s, float8)
                    (SFUNC = pg_sparkctl.collect, STYPE = %2$s[], INITCOND = '{}', FINALFUNC = pg_sparkctl.continuous);
                CREATE OR REPLACE AGGREGATE pg_sparkctl.percentile_disc(%1$s, float8)
                    (SFUNC = pg_sparkctl.collect, STYPE = %2$s[], INITCOND = '{}', FINALFUNC = pg_sparkctl.discrete);
                $f$, kind.argument, kind.state);
        END IF;
    END LOOP;
END $do$;

-- Window functions. RATIO_TO_REPORT(e) OVER (...): the dialect adds the sum over that window.
CREATE FUNCTION pg_sparkctl.ratio_to_report(e float8, total float8) RETURNS float8 LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT e / NULLIF(total, 0)
$$;
