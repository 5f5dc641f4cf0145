-- A SUPER value cast to a plain type is NULL when it is none of that type and no text that reads as one; text cast to SUPER
-- is a string, whatever is in it. In plpgsql, so that the way into a value is gone once.
CREATE FUNCTION pg_sparkctl.text_number(s text) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN s ~ '^ *[-+]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][-+]?[0-9]{1,3})? *$'
                THEN s::numeric END
$$;
CREATE FUNCTION pg_sparkctl.super_to_number(v jsonb) RETURNS numeric LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
    RETURN CASE jsonb_typeof(v) WHEN 'number' THEN pg_catalog."numeric"(v)
                                WHEN 'string' THEN pg_sparkctl.text_number(v #>> '{}') END;
END $$;
-- With a precision, whose four bytes of a header are PostgreSQL's.
CREATE FUNCTION pg_sparkctl.super_to_numeric(v jsonb, modifier int4) RETURNS numeric LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
    AS $$
DECLARE
    n numeric := pg_sparkctl.super_to_number(v);
    places constant int4 := (modifier - 4) & 2047;
BEGIN
    IF modifier >= 4 THEN
        n := round(n, places);
        IF abs(n) >= power(10::numeric, ((modifier - 4) >> 16) - places) THEN
            RETURN NULL;
        END IF;
    END IF;
    RETURN n;
END $$;
DO $do$
DECLARE
    kind record;
BEGIN
    FOR kind IN SELECT * FROM (VALUES
        ('int2', -32768, 32767), ('int4', -2147483648, 2147483647), ('int8', -9223372036854775808, 9223372036854775807))
        AS k(type, low, high)
    LOOP
        EXECUTE format($f$
            CREATE OR REPLACE FUNCTION pg_sparkctl.super_to_%1$s(v jsonb) RETURNS %1$s LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
                AS $$
            DECLARE
                n numeric;
            BEGIN
                IF jsonb_typeof(v) = 'boolean' THEN
                    RETURN pg_catalog.bool(v)::int4;
                END IF;
                n := round(pg_sparkctl.super_to_number(v));
                RETURN CASE WHEN n BETWEEN %2$s AND %3$s THEN n END;
            END $$;
            $f$, kind.type, kind.low, kind.high);
    END LOOP;
    FOR kind IN SELECT * FROM (VALUES ('float4', '1e-37', '3.4e38'), ('float8', '1e-300', '1.79e308')) AS k(type, low, high) LOOP
        EXECUTE format($f$
            CREATE OR REPLACE FUNCTION pg_sparkctl.super_to_%1$s(v jsonb) RETURNS %1$s LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
                AS $$
            DECLARE
                n numeric := pg_sparkctl.super_to_number(v);
            BEGIN
                RETURN CASE WHEN abs(n) < %2$s THEN 0 WHEN abs(n) <= %3$s THEN n END;
            END $$;
            $f$, kind.type, kind.low, kind.high);
    END LOOP;
END $do$;
CREATE FUNCTION pg_sparkctl.super_to_bool(v jsonb) RETURNS bool LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    n numeric;
BEGIN
    CASE jsonb_typeof(v)
    WHEN 'boolean' THEN
        RETURN pg_catalog.bool(v);
    WHEN 'number' THEN
        n := pg_catalog."numeric"(v);
        RETURN CASE WHEN scale(n) = 0 THEN n <> 0 END;
    WHEN 'string' THEN
        RETURN CASE WHEN lower(btrim(v #>> '{}')) IN ('t', 'true', 'y', 'yes', 'on', '1') THEN true
                    WHEN lower(btrim(v #>> '{}')) IN ('f', 'false', 'n', 'no', 'off', '0') THEN false END;
    ELSE
        RETURN NULL;
    END CASE;
END $$;
-- Whether text is a point in time is found out by trying.
DO $do$
DECLARE
    target text;
BEGIN
    FOREACH target IN ARRAY ARRAY['date', 'timestamp', 'timestamptz', 'time'] LOOP
        EXECUTE format($f$
            CREATE OR REPLACE FUNCTION pg_sparkctl.super_to_%1$s(v jsonb) RETURNS %1$s LANGUAGE plpgsql STABLE STRICT AS $$
            BEGIN
                RETURN CASE jsonb_typeof(v) WHEN 'string' THEN CAST(v #>> '{}' AS %1$s) END;
            EXCEPTION WHEN data_exception THEN
                RETURN NULL;
            END $$;
            $f$, target);
        IF NOT EXISTS (SELECT FROM pg_cast WHERE castsource = 'jsonb'::regtype AND casttarget = target::regtype) THEN
            EXECUTE format('CREATE CAST (jsonb AS %1$s) WITH FUNCTION pg_sparkctl.super_to_%1$s(jsonb)', target);
        END IF;
    END LOOP;
END $do$;
CREATE FUNCTION pg_sparkctl.super_to_char(v jsonb) RETURNS bpchar LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT pg_sparkctl.super_text(v)::bpchar
$$;
CREATE CAST (jsonb AS bpchar) WITH FUNCTION pg_sparkctl.super_to_char(jsonb);
-- In the places of PostgreSQL's own casts, which fail.
UPDATE pg_catalog.pg_cast c SET castfunc = k.function
  FROM (VALUES ('int2'::regtype, 'pg_sparkctl.super_to_int2(jsonb)'::regprocedure),
               ('int4', 'pg_sparkctl.super_to_int4(jsonb)'), ('int8', 'pg_sparkctl.super_to_int8(jsonb)'),
               ('float4', 'pg_sparkctl.super_to_float4(jsonb)'), ('float8', 'pg_sparkctl.super_to_float8(jsonb)'),
               ('numeric', 'pg_sparkctl.super_to_numeric(jsonb, int4)'), ('bool', 'pg_sparkctl.super_to_bool(jsonb)'))
       AS k (target, function)
 WHERE c.castsource = 'jsonb'::regtype AND c.casttarget = k.target AND c.castfunc <> k.function;

CREATE FUNCTION pg_sparkctl.to_super(text) RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT pg_catalog.to_jsonb($1)
$$;
CREATE CAST (text AS jsonb) WITH FUNCTION pg_sparkctl.to_super(text) AS ASSIGNMENT;
CREATE CAST (varchar AS jsonb) WITH FUNCTION pg_sparkctl.to_super(text) AS ASSIGNMENT;

-- Values of one type have an order; compared with one of another type, with < and its like, a value gives NULL.
DO $do$
DECLARE
    pair record;
BEGIN
    FOR pair IN SELECT * FROM (VALUES ('<', 'jsonb_lt', 'lt'), ('<=', 'jsonb_le', 'le'), ('>', 'jsonb_gt', 'gt'),
                                      ('>=', 'jsonb_ge', 'ge')) AS k (sign, compare, word)
    LOOP
        EXECUTE format('CREATE OR REPLACE FUNCTION pg_sparkctl.%1$s(a jsonb, b jsonb) RETURNS bool LANGUAGE sql IMMUTABLE '
                       'PARALLEL SAFE AS $f$ SELECT CASE WHEN jsonb_typeof(a) = jsonb_typeof(b) THEN pg_catalog.%2$s(a, b) END $f$',
                       pair.word, pair.compare);
        UPDATE pg_catalog.pg_operator SET oprcode = format('pg_sparkctl.%s(jsonb, jsonb)', pair.word)::regprocedure
         WHERE oprname = pair.sign AND oprleft = 'jsonb'::regtype AND oprright = 'jsonb'::regtype
           AND oprcode <> format('pg_sparkctl.%s(jsonb, jsonb)', pair.word)::regprocedure;
    END LOOP;
END $do$;

-- Aggregates of values: what is no number does not count.
CREATE FUNCTION pg_sparkctl.super_add(state numeric, v jsonb) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN jsonb_typeof(v) = 'number' THEN COALESCE(state, 0) + pg_catalog."numeric"(v) ELSE state END
$$;
CREATE FUNCTION pg_sparkctl.super_count(state numeric[], v jsonb) RETURNS numeric[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN jsonb_typeof(v) = 'number' THEN ARRAY[state[1] + 1, state[2] + pg_catalog."numeric"(v)] ELSE state END
$$;
CREATE FUNCTION pg_sparkctl.super_average(state numeric[]) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT state[2] / NULLIF(state[1], 0)
$$;
CREATE AGGREGATE pg_catalog.sum(jsonb) (SFUNC = pg_sparkctl.super_add, STYPE = numeric);
CREATE AGGREGATE pg_catalog.avg(jsonb)
    (SFUNC = pg_sparkctl.super_count, STYPE = numeric[], INITCOND = '{0,0}', FINALFUNC = pg_sparkctl.super_average);
