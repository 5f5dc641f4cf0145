-- SUPER, which is jsonb here: the names of an object come back in jsonb's order, and of equal names the last counts.
CREATE DOMAIN pg_catalog.super AS jsonb;

CREATE FUNCTION pg_catalog.json_parse(s text) RETURNS jsonb LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
    RETURN jsonb_in(textout(s));
EXCEPTION WHEN data_exception THEN
    RAISE EXCEPTION USING ERRCODE = 'XX000', MESSAGE = 'JSON parsing error',
        DETAIL = 'invalid json object ' || left(s, 200);
END $$;
-- Without the blanks that jsonb writes; those within strings stay.
CREATE FUNCTION pg_catalog.json_serialize(v jsonb) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE jsonb_typeof(v)
        WHEN 'null' THEN 'null' WHEN 'string' THEN to_json(v #>> '{}')::text
        ELSE sparkctl_pg_regexp_replace(v #>> '{}', E'("(?:[^"\\\\]|\\\\.)*")|([:,]) ', E'\\1\\2', 'g') END
$$;
CREATE FUNCTION pg_catalog.json_serialize_to_varbyte(v jsonb) RETURNS bytea LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT convert_to(json_serialize(v), 'UTF8')
$$;
CREATE FUNCTION pg_catalog.json_typeof(v jsonb) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT jsonb_typeof(v) $$;
CREATE FUNCTION pg_catalog.json_size(v jsonb) RETURNS int8 LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT octet_length(json_serialize(v))::int8
$$;

CREATE FUNCTION pg_catalog."array"(VARIADIC items "any") RETURNS jsonb LANGUAGE internal STABLE PARALLEL SAFE AS 'jsonb_build_array';
CREATE FUNCTION pg_catalog."array"() RETURNS jsonb LANGUAGE internal STABLE PARALLEL SAFE AS 'jsonb_build_array_noargs';
CREATE FUNCTION pg_catalog.object(VARIADIC items "any") RETURNS jsonb LANGUAGE internal STABLE PARALLEL SAFE AS 'jsonb_build_object';
CREATE FUNCTION pg_catalog.object() RETURNS jsonb LANGUAGE internal STABLE PARALLEL SAFE AS 'jsonb_build_object_noargs';

CREATE FUNCTION pg_sparkctl.need_array(v jsonb, who text) RETURNS jsonb LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
    IF jsonb_typeof(v) <> 'array' THEN
        RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = who || ': the value is not an array';
    END IF;
    RETURN v;
END $$;
CREATE FUNCTION pg_catalog.array_concat(a jsonb, b jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT pg_sparkctl.need_array(a, 'array_concat') || pg_sparkctl.need_array(b, 'array_concat')
$$;
-- One level.
CREATE FUNCTION pg_catalog.array_flatten(a jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN a IS NOT NULL THEN COALESCE(jsonb_agg(inner_item ORDER BY at, inner_at), '[]') END
      FROM jsonb_array_elements(pg_sparkctl.need_array(a, 'array_flatten')) WITH ORDINALITY AS o(item, at)
     CROSS JOIN LATERAL jsonb_array_elements(CASE jsonb_typeof(item) WHEN 'array' THEN item
                                                  ELSE jsonb_build_array(item) END)
                        WITH ORDINALITY AS i(inner_item, inner_at)
$$;
CREATE FUNCTION pg_catalog.get_array_length(a jsonb) RETURNS int4 LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT jsonb_array_length(pg_sparkctl.need_array(a, 'get_array_length'))
$$;
CREATE FUNCTION pg_catalog.split_to_array(s text, delimiter text) RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT to_jsonb(string_to_array(s, delimiter))
$$;
CREATE FUNCTION pg_catalog.split_to_array(s text) RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT to_jsonb(string_to_array(s, ','))
$$;
-- Positions count from 0, negative ones from the end.
CREATE FUNCTION pg_catalog.subarray(a jsonb, start int4, length int4) RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN a IS NOT NULL AND start IS NOT NULL THEN COALESCE(jsonb_agg(item ORDER BY at), '[]') END
      FROM jsonb_array_elements(pg_sparkctl.need_array(a, 'subarray')) WITH ORDINALITY AS o(item, at)
     WHERE at > CASE WHEN start < 0 THEN jsonb_array_length(a) + start ELSE start END
       AND at <= CASE WHEN start < 0 THEN jsonb_array_length(a) + start ELSE start END + length
$$;
CREATE FUNCTION pg_catalog.subarray(a jsonb, start int4) RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT subarray(a, start, 2147483647 - abs(start))
$$;

CREATE FUNCTION pg_catalog.is_array(v jsonb) RETURNS bool LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT jsonb_typeof(v) = 'array'
$$;
CREATE FUNCTION pg_catalog.is_object(v jsonb) RETURNS bool LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT jsonb_typeof(v) = 'object'
$$;
CREATE FUNCTION pg_catalog.is_scalar(v jsonb) RETURNS bool LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT jsonb_typeof(v) NOT IN ('array', 'object', 'null')
$$;
CREATE FUNCTION pg_catalog.is_boolean(v jsonb) RETURNS bool LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT jsonb_typeof(v) = 'boolean'
$$;
CREATE FUNCTION pg_catalog.is_varchar(v jsonb) RETURNS bool LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT jsonb_typeof(v) = 'string'
$$;
CREATE FUNCTION pg_catalog.is_char(v jsonb) RETURNS bool LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT jsonb_typeof(v) = 'string'
$$;
CREATE FUNCTION pg_sparkctl.is_whole(v jsonb, low numeric, high numeric) RETURNS bool LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN jsonb_typeof(v) = 'number'
                THEN strpos(v::text, '.') = 0 AND v::numeric BETWEEN low AND high
                WHEN v IS NOT NULL THEN false END
$$;
CREATE FUNCTION pg_catalog.is_smallint(v jsonb) RETURNS bool LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT pg_sparkctl.is_whole(v, -32768, 32767)
$$;
CREATE FUNCTION pg_catalog.is_integer(v jsonb) RETURNS bool LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT pg_sparkctl.is_whole(v, -2147483648, 2147483647)
$$;
CREATE FUNCTION pg_catalog.is_bigint(v jsonb) RETURNS bool LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT pg_sparkctl.is_whole(v, -9223372036854775808, 9223372036854775807)
$$;
CREATE FUNCTION pg_catalog.is_decimal(v jsonb) RETURNS bool LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT jsonb_typeof(v) = 'number'
$$;
CREATE FUNCTION pg_catalog.is_float(v jsonb) RETURNS bool LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN jsonb_typeof(v) = 'number' THEN strpos(v::text, '.') > 0 WHEN v IS NOT NULL THEN false END
$$;

-- SUPER values become scalars by a cast: a string is its text, arrays and objects are none.
CREATE FUNCTION pg_sparkctl.super_text(v jsonb) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN jsonb_typeof(v) NOT IN ('array', 'object') THEN v #>> '{}' END
$$;
CREATE CAST (jsonb AS text) WITH FUNCTION pg_sparkctl.super_text(jsonb) AS ASSIGNMENT;
CREATE CAST (jsonb AS varchar) WITH FUNCTION pg_sparkctl.super_text(jsonb) AS ASSIGNMENT;

-- Numbers and truth values are SUPER values as they are.
DO $do$
DECLARE source text;
BEGIN
    FOREACH source IN ARRAY ARRAY['int2', 'int4', 'int8', 'float4', 'float8', 'numeric', 'bool'] LOOP
        EXECUTE format('CREATE OR REPLACE FUNCTION pg_sparkctl.to_super(%s) RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE '
                       'AS $f$ SELECT pg_catalog.to_jsonb($1) $f$', source);
        IF NOT EXISTS (SELECT FROM pg_cast WHERE castsource = source::regtype AND casttarget = 'jsonb'::regtype) THEN
            EXECUTE format('CREATE CAST (%s AS jsonb) WITH FUNCTION pg_sparkctl.to_super(%s) AS ASSIGNMENT',
                           source, source);
        END IF;
    END LOOP;
END $do$;
