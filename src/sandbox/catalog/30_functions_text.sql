-- Text functions of Redshift that PostgreSQL lacks or answers differently.
CREATE FUNCTION pg_catalog.len(s text) RETURNS int4 LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$ SELECT length(s) $$;
CREATE FUNCTION pg_catalog.len(s char) RETURNS int4 LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$ SELECT length(s) $$;
CREATE FUNCTION pg_catalog.len(s bytea) RETURNS int4 LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$ SELECT length(s) $$;
CREATE FUNCTION pg_catalog.textlen(s char) RETURNS int4 LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$ SELECT length(s) $$;
CREATE FUNCTION pg_catalog.charindex(sub text, s text) RETURNS int4 LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT strpos(s, sub)
$$;
-- The same in bytes.
CREATE FUNCTION pg_catalog.octetindex(sub text, s text) RETURNS int4 LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN strpos(s, sub) = 0 THEN 0 ELSE octet_length(left(s, strpos(s, sub) - 1)) + 1 END
$$;
CREATE FUNCTION pg_catalog.replicate(s text, n int4) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT repeat(s, n)
$$;
-- What comes behind the last digit is an error, what comes before the first may be blanks and a sign.
CREATE FUNCTION pg_catalog.strtol(s text, base int4) RETURNS int8 LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    n int8 := 0;
    digit int4;
    rest text := lower(ltrim(s));
    sign int4 := 1;
BEGIN
    IF base < 2 OR base > 36 THEN
        RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = 'strtol: base ' || base || ' is not between 2 and 36';
    END IF;
    IF left(rest, 1) IN ('-', '+') THEN
        sign := CASE left(rest, 1) WHEN '-' THEN -1 ELSE 1 END;
        rest := substr(rest, 2);
    END IF;
    IF base = 16 AND left(rest, 2) = '0x' THEN
        rest := substr(rest, 3);
    END IF;
    FOR i IN 1..length(rest) LOOP
        digit := strpos('0123456789abcdefghijklmnopqrstuvwxyz', substr(rest, i, 1)) - 1;
        IF digit < 0 OR digit >= base THEN
            RAISE EXCEPTION USING ERRCODE = '22P02',
                MESSAGE = 'The input ' || s || ' is not valid to be converted to base ' || base;
        END IF;
        -- negative all the way, because the least has no counterpart
        n := n * base - digit;
    END LOOP;
    RETURN CASE sign WHEN -1 THEN n ELSE -n END;
END $$;

-- CONCAT takes two arguments and is NULL when either is.
UPDATE pg_catalog.pg_proc SET proname = 'sparkctl_pg_concat'
 WHERE proname = 'concat' AND pronamespace = 'pg_catalog'::regnamespace AND oid < 16384;
CREATE FUNCTION pg_catalog.concat(a text, b text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT a || b
$$;

-- The sounds of an English word: its first letter and three digits.
CREATE FUNCTION pg_catalog.soundex(s text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    letters text := upper(regexp_replace(s, '[^a-zA-Z]', ''));
    result text := left(letters, 1);
    code text;
    last text;
BEGIN
    IF letters = '' THEN
        RETURN '';
    END IF;
    FOR i IN 1..length(letters) LOOP
        -- vowels part equal codes, H and W do not
        code := translate(substr(letters, i, 1), 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', '0123012-02245501262301-202');
        CONTINUE WHEN code = '-';
        IF i > 1 AND code <> '0' AND code <> last THEN
            result := result || code;
        END IF;
        last := code;
        EXIT WHEN length(result) = 4;
    END LOOP;
    RETURN rpad(result, 4, '0');
END $$;
CREATE FUNCTION pg_catalog.difference(a text, b text) RETURNS int4 LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    x text := soundex(a);
    y text := soundex(b);
    same int4 := 0;
BEGIN
    IF x = '' OR y = '' THEN
        RETURN CASE WHEN x = y THEN 1 ELSE 0 END;
    END IF;
    FOR i IN 1..4 LOOP
        same := same + (substr(x, i, 1) = substr(y, i, 1))::int4;
    END LOOP;
    RETURN same;
END $$;

-- What COLLATE(s, 'case_insensitive') is made of.
CREATE COLLATION pg_catalog.case_insensitive (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
CREATE COLLATION pg_catalog.case_sensitive (provider = libc, locale = 'C');
