-- A SUPER value beside a plain one: an operator for each pair. The value is taken for what stands beside it, and is NULL
-- when it is of another type, as a path beside a constant is. The bodies are put in place of the call, so that joins over
-- them can be hashed.
CREATE FUNCTION pg_sparkctl.super_number(v jsonb) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE jsonb_typeof(v) WHEN 'number' THEN pg_catalog."numeric"(v) END
$$;
CREATE FUNCTION pg_sparkctl.super_string(v jsonb) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE jsonb_typeof(v) WHEN 'string' THEN v #>> '{}' END
$$;
CREATE FUNCTION pg_sparkctl.super_boolean(v jsonb) RETURNS bool LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE jsonb_typeof(v) WHEN 'boolean' THEN pg_catalog.bool(v) END
$$;
DO $do$
DECLARE
    pair record;
    sides text[];
BEGIN
    FOR pair IN SELECT * FROM (VALUES
        ('int2', 'number', 'numeric'), ('int4', 'number', 'numeric'), ('int8', 'number', 'numeric'),
        ('numeric', 'number', 'numeric'), ('float4', 'number', 'float8'), ('float8', 'number', 'float8'),
        ('text', 'string', 'text'), ('bool', 'boolean', 'bool'), ('jsonb', 'number', 'numeric'))
        AS k(type, kind, compared), (VALUES
        ('=', '=', '<>', 'eq'), ('<>', '<>', '=', 'ne'), ('<', '>', '>=', 'lt'), ('>', '<', '<=', 'gt'),
        ('<=', '>=', '>', 'le'), ('>=', '<=', '<', 'ge'), ('+', '+', NULL, 'plus'), ('-', NULL, NULL, 'minus'),
        ('*', '*', NULL, 'times'), ('/', NULL, NULL, 'over'), ('%', NULL, NULL, 'modulo'), ('||', NULL, NULL, 'join'))
        AS o(sign, commutator, negator, word)
     WHERE CASE WHEN o.negator IS NOT NULL THEN k.type <> 'jsonb' WHEN o.sign = '||' THEN k.kind = 'string'
                ELSE k.kind = 'number' AND (o.sign <> '%' OR k.compared <> 'float8')
                     AND (o.sign <> '-' OR k.type <> 'jsonb') END -- said - 'name' is jsonb's
    LOOP
        FOREACH sides SLICE 1 IN ARRAY ARRAY[['jsonb', pair.type], [pair.type, 'jsonb']] LOOP
            EXECUTE format('CREATE OR REPLACE FUNCTION pg_sparkctl.%1$s(a %2$s, b %3$s) RETURNS %4$s LANGUAGE sql IMMUTABLE '
                           'PARALLEL SAFE AS $f$ SELECT %6$s::%5$s OPERATOR(pg_catalog.%8$s) %7$s::%5$s $f$',
                           pair.word, sides[1], sides[2],
                           CASE WHEN pair.negator IS NULL THEN pair.compared ELSE 'bool' END, pair.compared,
                           CASE sides[1] WHEN 'jsonb' THEN format('pg_sparkctl.super_%s(a)', pair.kind) ELSE 'a' END,
                           CASE sides[2] WHEN 'jsonb' THEN format('pg_sparkctl.super_%s(b)', pair.kind) ELSE 'b' END,
                           pair.sign);
            PERFORM pg_sparkctl.make_operator(pair.sign, pair.word, sides[1], sides[2], pair.commutator,
                                              pair.negator);
        END LOOP;
    END LOOP;
END $do$;
-- This one is PostgreSQL's for taking an element out of an array.
UPDATE pg_catalog.pg_operator
   SET oprcode = 'pg_sparkctl.minus(jsonb, int4)'::regprocedure, oprresult = 'numeric'::regtype
 WHERE oprname = '-' AND oprleft = 'jsonb'::regtype AND oprright = 'int4'::regtype
   AND oprcode <> 'pg_sparkctl.minus(jsonb, int4)'::regprocedure;
