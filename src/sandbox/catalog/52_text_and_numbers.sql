-- Text beside another type. Operators and functions for each pair rather than implicit casts: those would make calls
-- ambiguous that have one meaning now. Their bodies are put in place of the call, so that joins over them can be hashed.
CREATE FUNCTION pg_sparkctl.make_operator(sign text, function text, one text, other text, commutator text, negator text)
    RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('CREATE OPERATOR pg_catalog.%s (FUNCTION = pg_sparkctl.%s, LEFTARG = %s, RIGHTARG = %s%s%s)',
                   sign, function, one, other,
                   COALESCE(', COMMUTATOR = OPERATOR(pg_catalog.' || commutator || ')', ''),
                   COALESCE(', NEGATOR = OPERATOR(pg_catalog.' || negator || ')', ''));
EXCEPTION WHEN duplicate_function THEN
    RETURN;
END $$;

-- Compared with a DECIMAL, text becomes one; any other number becomes text; beside a date, text is a point in time. In
-- arithmetic text becomes the number that it is with: of integers the largest, as 13 digits of milliseconds are usual.
DO $do$
DECLARE
    pair record;
    sides text[];
BEGIN
    FOR pair IN SELECT * FROM (VALUES
        ('int2', 'text', 'int8', 'IMMUTABLE'), ('int4', 'text', 'int8', 'IMMUTABLE'), ('int8', 'text', 'int8', 'IMMUTABLE'),
        ('numeric', 'numeric', 'numeric', 'IMMUTABLE'), ('float4', 'text', 'float8', 'IMMUTABLE'),
        ('float8', 'text', 'float8', 'IMMUTABLE'), ('oid', 'text', NULL, 'IMMUTABLE'), ('date', 'timestamp', NULL, 'STABLE'),
        ('timestamp', 'timestamp', NULL, 'STABLE'), ('timestamptz', 'timestamptz', NULL, 'STABLE'))
        AS k(type, compared, computed, kept), (VALUES
        ('=', '=', '<>', 'eq'), ('<>', '<>', '=', 'ne'), ('<', '>', '>=', 'lt'), ('>', '<', '<=', 'gt'),
        ('<=', '>=', '>', 'le'), ('>=', '<=', '<', 'ge'), ('+', '+', NULL, 'plus'), ('-', NULL, NULL, 'minus'),
        ('*', '*', NULL, 'times'), ('/', NULL, NULL, 'over'), ('%', NULL, NULL, 'modulo'))
        AS o(sign, commutator, negator, word)
     WHERE (o.negator IS NOT NULL OR k.computed IS NOT NULL) AND (o.word <> 'modulo' OR k.computed <> 'float8')
    LOOP
        FOREACH sides SLICE 1 IN ARRAY ARRAY[['text', pair.type], [pair.type, 'text']] LOOP
            EXECUTE format('CREATE OR REPLACE FUNCTION pg_sparkctl.%1$s(a %2$s, b %3$s) RETURNS %4$s LANGUAGE sql %5$s '
                           'PARALLEL SAFE AS $f$ SELECT a::%6$s OPERATOR(pg_catalog.%7$s) b::%6$s $f$',
                           pair.word, sides[1], sides[2],
                           CASE WHEN pair.negator IS NULL THEN pair.computed ELSE 'bool' END, pair.kept,
                           CASE WHEN pair.negator IS NULL THEN pair.computed ELSE pair.compared END, pair.sign);
            PERFORM pg_sparkctl.make_operator(pair.sign, pair.word, sides[1], sides[2], pair.commutator,
                                              pair.negator);
        END LOOP;
    END LOOP;
END $do$;

-- Two texts are put together.
CREATE FUNCTION pg_sparkctl.plus(a text, b text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT a || b $$;
DO $do$
BEGIN
    PERFORM pg_sparkctl.make_operator('+', 'plus', 'text', 'text', NULL, NULL);
END $do$;

-- Functions of text take numbers, dates and truth values as well, and so do the operators of patterns.
DO $do$
DECLARE
    pair record;
    names constant text[] := ARRAY['a', 'b', 'c'];
    arguments text[];
BEGIN
    FOR pair IN SELECT * FROM (VALUES
        ('int2', 'IMMUTABLE'), ('int4', 'IMMUTABLE'), ('int8', 'IMMUTABLE'), ('numeric', 'IMMUTABLE'),
        ('float4', 'IMMUTABLE'), ('float8', 'IMMUTABLE'), ('bool', 'IMMUTABLE'), ('date', 'STABLE'),
        ('timestamp', 'STABLE'), ('timestamptz', 'STABLE')) AS k(type, kept), (VALUES
        ('len', 'int4', ARRAY['?']), ('length', 'int4', ARRAY['?']), ('char_length', 'int4', ARRAY['?']),
        ('character_length', 'int4', ARRAY['?']), ('octet_length', 'int4', ARRAY['?']), ('textlen', 'int4', ARRAY['?']),
        ('upper', 'text', ARRAY['?']), ('lower', 'text', ARRAY['?']), ('initcap', 'text', ARRAY['?']),
        ('reverse', 'text', ARRAY['?']), ('btrim', 'text', ARRAY['?']), ('ltrim', 'text', ARRAY['?']),
        ('rtrim', 'text', ARRAY['?']), ('ascii', 'int4', ARRAY['?']), ('md5', 'text', ARRAY['?']),
        ('sha1', 'text', ARRAY['?']), ('sha', 'text', ARRAY['?']), ('func_sha1', 'text', ARRAY['?']),
        ('crc32', 'text', ARRAY['?']), ('sha2', 'text', ARRAY['?', 'int4']),
        ('left', 'text', ARRAY['?', 'int4']), ('right', 'text', ARRAY['?', 'int4']),
        ('repeat', 'text', ARRAY['?', 'int4']), ('replicate', 'text', ARRAY['?', 'int4']),
        ('lpad', 'text', ARRAY['?', 'int4']), ('rpad', 'text', ARRAY['?', 'int4']),
        ('lpad', 'text', ARRAY['?', 'int4', 'text']), ('rpad', 'text', ARRAY['?', 'int4', 'text']),
        ('substr', 'text', ARRAY['?', 'int4']), ('substr', 'text', ARRAY['?', 'int4', 'int4']),
        ('substring', 'text', ARRAY['?', 'int4']), ('substring', 'text', ARRAY['?', 'int4', 'int4']),
        ('strpos', 'int4', ARRAY['?', 'text']), ('position', 'int4', ARRAY['?', 'text']),
        ('charindex', 'int4', ARRAY['text', '?']), ('btrim', 'text', ARRAY['?', 'text']),
        ('ltrim', 'text', ARRAY['?', 'text']), ('rtrim', 'text', ARRAY['?', 'text']),
        ('replace', 'text', ARRAY['?', 'text', 'text']), ('translate', 'text', ARRAY['?', 'text', 'text']),
        ('split_part', 'text', ARRAY['?', 'text', 'int4']), ('concat', 'text', ARRAY['?', 'text']),
        ('concat', 'text', ARRAY['text', '?']), ('regexp_substr', 'text', ARRAY['?', 'text']),
        ('regexp_count', 'int4', ARRAY['?', 'text']), ('regexp_instr', 'int4', ARRAY['?', 'text']),
        ('regexp_replace', 'text', ARRAY['?', 'text']), ('regexp_replace', 'text', ARRAY['?', 'text', 'text']))
        AS g(name, result, arguments)
    LOOP
        arguments := array_replace(pair.arguments, '?', pair.type);
        EXECUTE format('CREATE OR REPLACE FUNCTION pg_catalog.%1$I(%2$s) RETURNS %3$s LANGUAGE sql %4$s PARALLEL SAFE '
                       'AS $f$ SELECT pg_catalog.%1$I(%5$s) $f$', pair.name,
                       (SELECT string_agg(names[n] || ' ' || arguments[n], ', ' ORDER BY n)
                          FROM generate_subscripts(arguments, 1) n),
                       pair.result, pair.kept,
                       (SELECT string_agg(names[n] || CASE pair.arguments[n] WHEN '?' THEN '::text' ELSE '' END, ', ' ORDER BY n)
                          FROM generate_subscripts(arguments, 1) n));
    END LOOP;
    FOR pair IN SELECT * FROM (VALUES
        ('int2', 'IMMUTABLE'), ('int4', 'IMMUTABLE'), ('int8', 'IMMUTABLE'), ('numeric', 'IMMUTABLE'),
        ('float4', 'IMMUTABLE'), ('float8', 'IMMUTABLE'), ('date', 'STABLE'), ('timestamp', 'STABLE'),
        ('timestamptz', 'STABLE')) AS k(type, kept), (VALUES
        ('~~', '!~~', 'is_like'), ('!~~', '~~', 'is_not_like'), ('~~*', '!~~*', 'is_ilike'), ('!~~*', '~~*', 'is_not_ilike'),
        ('~', '!~', 'matches'), ('!~', '~', 'matches_not'), ('~*', '!~*', 'imatches'), ('!~*', '~*', 'imatches_not'))
        AS g(sign, negator, word)
    LOOP
        EXECUTE format('CREATE OR REPLACE FUNCTION pg_sparkctl.%s(a %s, b text) RETURNS bool LANGUAGE sql %s '
                       'PARALLEL SAFE AS $f$ SELECT a::text OPERATOR(pg_catalog.%s) b $f$', pair.word, pair.type, pair.kept,
                       pair.sign);
        PERFORM pg_sparkctl.make_operator(pair.sign, pair.word, pair.type, 'text', NULL, pair.negator);
    END LOOP;
END $do$;
REVOKE ALL ON FUNCTION pg_sparkctl.make_operator(text, text, text, text, text, text) FROM PUBLIC;
