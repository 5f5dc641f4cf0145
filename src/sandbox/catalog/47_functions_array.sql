-- Arrays of SUPER values: what is in them. Elements are equal as SUPER values are; a JSON null is a value like any other
-- unless null_match says that it is not.
CREATE FUNCTION pg_catalog.array_contains(a jsonb, v jsonb, null_match bool DEFAULT true) RETURNS bool
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN a IS NULL OR null_match IS NULL THEN NULL
                WHEN COALESCE(jsonb_typeof(v), 'null') = 'null' AND NOT null_match THEN NULL
                WHEN EXISTS (SELECT FROM jsonb_array_elements(pg_sparkctl.need_array(a, 'array_contains')) e
                              WHERE e = COALESCE(v, 'null')) THEN true
                WHEN NOT null_match AND EXISTS (SELECT FROM jsonb_array_elements(a) e WHERE jsonb_typeof(e) = 'null') THEN NULL
                ELSE false END
$$;
DO $do$
DECLARE
    type text;
BEGIN
    FOREACH type IN ARRAY ARRAY['int2', 'int4', 'int8', 'numeric', 'float4', 'float8', 'bool', 'text'] LOOP
        EXECUTE format('CREATE OR REPLACE FUNCTION pg_catalog.array_contains(a jsonb, v %s, null_match bool DEFAULT true) '
                       'RETURNS bool LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT array_contains(a, to_jsonb(v), null_match) $f$',
                       type);
    END LOOP;
END $do$;

-- The nth of equal elements is matched with the nth; with distinct_only they are one.
CREATE FUNCTION pg_sparkctl.array_numbered(a jsonb, who text) RETURNS TABLE (item jsonb, at int8, nth int8) LANGUAGE sql IMMUTABLE AS $$
    SELECT item, at, row_number() OVER (PARTITION BY item ORDER BY at)
      FROM jsonb_array_elements(pg_sparkctl.need_array(a, who)) WITH ORDINALITY AS e(item, at)
$$;
CREATE FUNCTION pg_catalog.array_except(a jsonb, b jsonb, distinct_only bool DEFAULT false) RETURNS jsonb
    LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN a IS NOT NULL AND b IS NOT NULL THEN COALESCE(jsonb_agg(x.item ORDER BY x.at), '[]') END
      FROM pg_sparkctl.array_numbered(a, 'array_except') x
     WHERE (NOT distinct_only OR x.nth = 1)
       AND NOT EXISTS (SELECT FROM pg_sparkctl.array_numbered(b, 'array_except') y
                        WHERE y.item = x.item AND (distinct_only OR y.nth = x.nth))
$$;
CREATE FUNCTION pg_catalog.array_intersection(a jsonb, b jsonb, distinct_only bool DEFAULT false) RETURNS jsonb
    LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN a IS NOT NULL AND b IS NOT NULL THEN COALESCE(jsonb_agg(x.item ORDER BY x.at), '[]') END
      FROM pg_sparkctl.array_numbered(a, 'array_intersection') x
     WHERE (NOT distinct_only OR x.nth = 1)
       AND EXISTS (SELECT FROM pg_sparkctl.array_numbered(b, 'array_intersection') y
                    WHERE y.item = x.item AND y.nth = x.nth)
$$;

-- Digits of a number: all, and behind the point.
CREATE FUNCTION pg_catalog.decimal_scale(v jsonb) RETURNS int4 LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE jsonb_typeof(v) WHEN 'number' THEN scale(pg_catalog."numeric"(v)) END
$$;
CREATE FUNCTION pg_catalog.decimal_precision(v jsonb) RETURNS int4 LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE jsonb_typeof(v) WHEN 'number' THEN
        GREATEST(1, scale(pg_catalog."numeric"(v)),
                 length(ltrim(replace(abs(pg_catalog."numeric"(v))::text, '.', ''), '0'))) END
$$;

-- Names of members, at every depth.
CREATE FUNCTION pg_sparkctl.rename_members(v jsonb, upper_case bool) RETURNS jsonb LANGUAGE plpgsql IMMUTABLE STRICT AS $$
BEGIN
    CASE jsonb_typeof(v)
    WHEN 'object' THEN
        RETURN (SELECT COALESCE(jsonb_object_agg(CASE WHEN upper_case THEN upper(k) ELSE lower(k) END,
                                                 pg_sparkctl.rename_members(m, upper_case)), '{}') FROM jsonb_each(v) AS e(k, m));
    WHEN 'array' THEN
        RETURN (SELECT COALESCE(jsonb_agg(pg_sparkctl.rename_members(m, upper_case) ORDER BY at), '[]')
                  FROM jsonb_array_elements(v) WITH ORDINALITY AS e(m, at));
    ELSE
        RETURN v;
    END CASE;
END $$;
CREATE FUNCTION pg_catalog.lower_attribute_names(v jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT pg_sparkctl.rename_members(v, false)
$$;
CREATE FUNCTION pg_catalog.upper_attribute_names(v jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT pg_sparkctl.rename_members(v, true)
$$;
