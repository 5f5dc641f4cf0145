-- Numbers: functions for doubles that PostgreSQL has for numeric only, and the older spellings.
CREATE FUNCTION pg_catalog.round(n float8, digits int4) RETURNS float8 LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT round(n::numeric, digits)::float8
$$;
CREATE FUNCTION pg_catalog.trunc(n float8, digits int4) RETURNS float8 LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT trunc(n::numeric, digits)::float8
$$;
CREATE FUNCTION pg_catalog.mod(n float8, d float8) RETURNS float8 LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT (n::numeric % d::numeric)::float8
$$;

-- Teradata's way to read numbers: blanks are nothing, a sign may stand on either side. The first cuts fractions off, the
-- second rounds them, halves to the even neighbour.
CREATE FUNCTION pg_sparkctl.teradata_number(s text) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN btrim(s) = '' THEN 0
                WHEN right(btrim(s), 1) IN ('-', '+')
                THEN (right(btrim(s), 1) || rtrim(btrim(s), '-+'))::numeric
                ELSE btrim(s)::numeric END
$$;
CREATE FUNCTION pg_catalog.text_to_int_alt(s text) RETURNS int4 LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT trunc(pg_sparkctl.teradata_number(s))::int4
$$;
CREATE FUNCTION pg_catalog.text_to_numeric_alt(s text, digits int4, scale int4) RETURNS numeric
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    n numeric := pg_sparkctl.teradata_number(s) * power(10::numeric, scale);
    whole numeric := trunc(n);
    rest numeric := abs(n - whole);
BEGIN
    IF rest > 0.5 OR (rest = 0.5 AND whole % 2 <> 0) THEN
        whole := whole + CASE WHEN n < 0 THEN -1 ELSE 1 END;
    END IF;
    IF abs(whole) >= power(10::numeric, digits) THEN
        RAISE EXCEPTION USING ERRCODE = '22003', MESSAGE = 'Numeric data overflow (result precision)';
    END IF;
    RETURN round(whole / power(10::numeric, scale), scale);
END $$;
CREATE FUNCTION pg_catalog.text_to_numeric_alt(s text) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT text_to_numeric_alt(s, 38, 0)
$$;
