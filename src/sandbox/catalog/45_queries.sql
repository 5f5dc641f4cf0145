-- What rewritten queries call. Aggregates over a frame that skip nulls: IGNORE NULLS of window functions.
CREATE FUNCTION pg_catalog.sparkctl_keep_first(anyelement, anyelement) RETURNS anyelement
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS 'SELECT $1';
CREATE FUNCTION pg_catalog.sparkctl_keep_last(anyelement, anyelement) RETURNS anyelement
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS 'SELECT $2';
CREATE AGGREGATE pg_catalog.sparkctl_first_not_null(anyelement) (SFUNC = sparkctl_keep_first, STYPE = anyelement);
CREATE AGGREGATE pg_catalog.sparkctl_last_not_null(anyelement) (SFUNC = sparkctl_keep_last, STYPE = anyelement);

-- The first n from the front; the last n, the last one first.
CREATE FUNCTION pg_catalog.sparkctl_add_behind(anyarray, anyelement, int8) RETURNS anyarray
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS 'SELECT CASE WHEN $2 IS NULL OR cardinality($1) >= $3 THEN $1 ELSE array_append($1, $2) END';
CREATE FUNCTION pg_catalog.sparkctl_add_before(anyarray, anyelement, int8) RETURNS anyarray
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS 'SELECT CASE WHEN $2 IS NULL THEN $1 ELSE array_prepend($2, $1[1:$3 - 1]) END';
CREATE AGGREGATE pg_catalog.sparkctl_first_not_nulls(anyelement, int8)
(SFUNC = sparkctl_add_behind, STYPE = anyarray, INITCOND = '{}');
CREATE AGGREGATE pg_catalog.sparkctl_last_not_nulls(anyelement, int8)
(SFUNC = sparkctl_add_before, STYPE = anyarray, INITCOND = '{}');

-- Ways into SUPER values. A JSON null is a null; what has another type than asked for is a null as well.
CREATE FUNCTION pg_catalog.sparkctl_super_at(jsonb, VARIADIC text[] = '{}') RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$SELECT nullif($1 #> $2, 'null'::jsonb)$$;
CREATE FUNCTION pg_catalog.sparkctl_super_string(jsonb, VARIADIC text[] = '{}') RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$SELECT CASE WHEN jsonb_typeof($1 #> $2) = 'string' THEN $1 #>> $2 END$$;
CREATE FUNCTION pg_catalog.sparkctl_super_number(jsonb, VARIADIC text[] = '{}') RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$SELECT CASE WHEN jsonb_typeof($1 #> $2) = 'number' THEN pg_catalog."numeric"($1 #> $2) END$$;
CREATE FUNCTION pg_catalog.sparkctl_super_boolean(jsonb, VARIADIC text[] = '{}') RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$SELECT CASE WHEN jsonb_typeof($1 #> $2) = 'boolean' THEN pg_catalog.bool($1 #> $2) END$$;

-- FROM t, t.c AS x [AT i]: what is no array is its own only element, a null has none. UNPIVOT t.c AS v AT k: the members
-- of an object.
CREATE FUNCTION pg_catalog.sparkctl_super_elements(jsonb, VARIADIC text[] = '{}') RETURNS SETOF jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 10
AS $$SELECT x FROM jsonb_array_elements(CASE jsonb_typeof($1 #> $2) WHEN 'array' THEN $1 #> $2 WHEN 'null' THEN NULL
ELSE jsonb_build_array($1 #> $2) END) AS x WHERE $1 #> $2 IS NOT NULL$$;
CREATE FUNCTION pg_catalog.sparkctl_super_elements_at(jsonb, VARIADIC text[] = '{}', OUT x jsonb, OUT i int8)
RETURNS SETOF record LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 10
AS $$SELECT e.x, e.i - 1 FROM sparkctl_super_elements($1, VARIADIC $2) WITH ORDINALITY AS e (x, i)$$;
CREATE FUNCTION pg_catalog.sparkctl_super_members(jsonb, VARIADIC text[] = '{}') RETURNS SETOF jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 10
AS $$SELECT m.value FROM jsonb_each(CASE WHEN jsonb_typeof($1 #> $2) = 'object' THEN $1 #> $2 END) AS m$$;
CREATE FUNCTION pg_catalog.sparkctl_super_members_at(jsonb, VARIADIC text[] = '{}', OUT x jsonb, OUT k varchar)
RETURNS SETOF record LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 10
AS $$SELECT m.value, m.key FROM jsonb_each(CASE WHEN jsonb_typeof($1 #> $2) = 'object' THEN $1 #> $2 END) AS m$$;
