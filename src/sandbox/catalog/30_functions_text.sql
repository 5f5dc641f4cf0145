-- Text functions of Redshift that PostgreSQL lacks or answers differently.
CREATE FUNCTION pg_catalog.len(s text) RETURNS int4 LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT length(s) $$;
CREATE FUNCTION pg_catalog.len(s char) RETURNS int4 LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT length(s) $$;
CREATE FUNCTION pg_catalog.charindex(sub text, s text) RETURNS int4 LANGUAGE sql IMMUTABLE STRICT AS $$
    SELECT strpos(s, sub)
$$;
CREATE FUNCTION pg_catalog.replicate(s text, n int4) RETURNS text LANGUAGE sql IMMUTABLE STRICT AS $$
    SELECT repeat(s, n)
$$;
CREATE FUNCTION pg_catalog.strtol(s text, base int4) RETURNS int8 LANGUAGE plpgsql IMMUTABLE STRICT AS $$
DECLARE
    n int8 := 0;
    digit int4;
    rest text := lower(btrim(s));
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
    IF rest = '' THEN
        RAISE EXCEPTION USING ERRCODE = '22P02', MESSAGE = 'The input ' || s || ' is not valid to be converted to base ' || base;
    END IF;
    FOR i IN 1..length(rest) LOOP
        digit := strpos('0123456789abcdefghijklmnopqrstuvwxyz', substr(rest, i, 1)) - 1;
        IF digit < 0 OR digit >= base THEN
            RAISE EXCEPTION USING ERRCODE = '22P02',
                MESSAGE = 'The input ' || s || ' is not valid to be converted to base ' || base;
        END IF;
        n := n * base + digit;
    END LOOP;
    RETURN sign * n;
END $$;

-- REGEXP_REPLACE replaces every occurrence, and writes groups as $1. The server's own stays under another name.
UPDATE pg_catalog.pg_proc SET proname = 'sparkctl_pg_regexp_replace'
 WHERE proname = 'regexp_replace' AND pronamespace = 'pg_catalog'::regnamespace;
CREATE FUNCTION pg_catalog.sparkctl_replacement(r text) RETURNS text LANGUAGE sql IMMUTABLE STRICT AS $$
    SELECT sparkctl_pg_regexp_replace(r, '[$]([0-9])', E'\\\\\\1', 'g')
$$;
CREATE FUNCTION pg_catalog.regexp_replace(s text, p text) RETURNS text LANGUAGE sql IMMUTABLE STRICT AS $$
    SELECT sparkctl_pg_regexp_replace(s, p, '', 'g')
$$;
CREATE FUNCTION pg_catalog.regexp_replace(s text, p text, r text) RETURNS text LANGUAGE sql IMMUTABLE STRICT AS $$
    SELECT sparkctl_pg_regexp_replace(s, p, sparkctl_replacement(r), 'g')
$$;
CREATE FUNCTION pg_catalog.regexp_replace(s text, p text, r text, pos int4) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT AS $$
    SELECT left(s, pos - 1) || regexp_replace(substr(s, pos), p, r)
$$;
CREATE FUNCTION pg_catalog.regexp_replace(s text, p text, r text, pos int4, flags text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT AS $$
    SELECT left(s, pos - 1) || sparkctl_pg_regexp_replace(substr(s, pos), p, sparkctl_replacement(r),
                                                          CASE WHEN strpos(flags, 'i') > 0 THEN 'gi' ELSE 'g' END)
$$;
CREATE FUNCTION pg_catalog.sha2(s text, bits int4) RETURNS text LANGUAGE sql IMMUTABLE STRICT AS $$
    SELECT encode(CASE bits WHEN 0 THEN sha256(convert_to(s, 'UTF8')) WHEN 256 THEN sha256(convert_to(s, 'UTF8'))
                            WHEN 224 THEN sha224(convert_to(s, 'UTF8')) WHEN 384 THEN sha384(convert_to(s, 'UTF8'))
                            WHEN 512 THEN sha512(convert_to(s, 'UTF8')) END, 'hex')
$$;
-- CONCAT takes two arguments and is NULL when either is.
UPDATE pg_catalog.pg_proc SET proname = 'sparkctl_pg_concat'
 WHERE proname = 'concat' AND pronamespace = 'pg_catalog'::regnamespace;
CREATE FUNCTION pg_catalog.concat(a text, b text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT a || b
$$;
CREATE AGGREGATE pg_catalog.listagg(text, text) (
    SFUNC = string_agg_transfn, STYPE = internal, FINALFUNC = string_agg_finalfn
);

-- JSON in VARCHAR. What is not JSON is an error unless the last argument allows it.
CREATE FUNCTION pg_catalog.is_valid_json(s text) RETURNS bool LANGUAGE plpgsql IMMUTABLE STRICT AS $$
BEGIN
    RETURN json_typeof(s::json) = 'object';
EXCEPTION WHEN data_exception THEN
    RETURN false;
END $$;
CREATE FUNCTION pg_catalog.is_valid_json_array(s text) RETURNS bool LANGUAGE plpgsql IMMUTABLE STRICT AS $$
BEGIN
    RETURN json_typeof(s::json) = 'array';
EXCEPTION WHEN data_exception THEN
    RETURN false;
END $$;
CREATE FUNCTION pg_catalog.sparkctl_json(s text, null_if_invalid bool) RETURNS json LANGUAGE plpgsql IMMUTABLE STRICT AS $$
BEGIN
    RETURN s::json;
EXCEPTION WHEN data_exception THEN
    IF null_if_invalid THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION USING ERRCODE = 'XX000', MESSAGE = 'JSON parsing error',
        DETAIL = 'invalid json object ' || left(s, 200);
END $$;
CREATE FUNCTION pg_catalog.sparkctl_json_path(s text, path text[], null_if_invalid bool) RETURNS text
    LANGUAGE sql IMMUTABLE AS $$
    SELECT json_extract_path_text(sparkctl_json(s, null_if_invalid), VARIADIC path)
$$;
CREATE FUNCTION pg_catalog.json_extract_path_text(s text, a text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT sparkctl_json_path(s, ARRAY[a], false)
$$;
CREATE FUNCTION pg_catalog.json_extract_path_text(s text, a text, b text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT sparkctl_json_path(s, ARRAY[a, b], false)
$$;
CREATE FUNCTION pg_catalog.json_extract_path_text(s text, a text, b text, c text) RETURNS text
    LANGUAGE sql IMMUTABLE AS $$
    SELECT sparkctl_json_path(s, ARRAY[a, b, c], false)
$$;
CREATE FUNCTION pg_catalog.json_extract_path_text(s text, a text, b text, c text, d text) RETURNS text
    LANGUAGE sql IMMUTABLE AS $$
    SELECT sparkctl_json_path(s, ARRAY[a, b, c, d], false)
$$;
CREATE FUNCTION pg_catalog.json_extract_path_text(s text, a text, b text, c text, d text, e text) RETURNS text
    LANGUAGE sql IMMUTABLE AS $$
    SELECT sparkctl_json_path(s, ARRAY[a, b, c, d, e], false)
$$;
CREATE FUNCTION pg_catalog.json_extract_path_text(s text, a text, nii bool) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT sparkctl_json_path(s, ARRAY[a], nii)
$$;
CREATE FUNCTION pg_catalog.json_extract_path_text(s text, a text, b text, nii bool) RETURNS text
    LANGUAGE sql IMMUTABLE AS $$
    SELECT sparkctl_json_path(s, ARRAY[a, b], nii)
$$;
CREATE FUNCTION pg_catalog.json_extract_path_text(s text, a text, b text, c text, nii bool) RETURNS text
    LANGUAGE sql IMMUTABLE AS $$
    SELECT sparkctl_json_path(s, ARRAY[a, b, c], nii)
$$;
CREATE FUNCTION pg_catalog.json_array_length(s text, nii bool) RETURNS int4 LANGUAGE sql IMMUTABLE STRICT AS $$
    SELECT json_array_length(sparkctl_json(s, nii))
$$;
CREATE FUNCTION pg_catalog.json_array_length(s text) RETURNS int4 LANGUAGE sql IMMUTABLE STRICT AS $$
    SELECT json_array_length(sparkctl_json(s, false))
$$;
CREATE FUNCTION pg_catalog.json_extract_array_element_text(s text, i int4, nii bool) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT AS $$
    SELECT CASE WHEN i >= 0 THEN sparkctl_json(s, nii)->>i END
$$;
CREATE FUNCTION pg_catalog.json_extract_array_element_text(s text, i int4) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT AS $$
    SELECT json_extract_array_element_text(s, i, false)
$$;
