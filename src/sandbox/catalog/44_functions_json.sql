-- JSON in VARCHAR. What is not JSON is an error unless the last argument allows it.
CREATE FUNCTION pg_catalog.is_valid_json(s text) RETURNS bool LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
    RETURN json_typeof(s::json) = 'object';
EXCEPTION WHEN data_exception THEN
    RETURN false;
END $$;
CREATE FUNCTION pg_catalog.is_valid_json_array(s text) RETURNS bool LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
    RETURN json_typeof(s::json) = 'array';
EXCEPTION WHEN data_exception THEN
    RETURN false;
END $$;
CREATE FUNCTION pg_catalog.can_json_parse(s text) RETURNS bool LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
    PERFORM jsonb_in(textout(s));
    RETURN true;
EXCEPTION WHEN data_exception THEN
    RETURN false;
END $$;
CREATE FUNCTION pg_catalog.sparkctl_json(s text, null_if_invalid bool) RETURNS json LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
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
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT json_extract_path_text(sparkctl_json(s, null_if_invalid), VARIADIC path)
$$;
DO $do$
DECLARE
    names constant text[] := ARRAY['a', 'b', 'c', 'd', 'e'];
    used text;
BEGIN
    FOR n IN 1..5 LOOP
        used := array_to_string(names[1:n], ', ');
        EXECUTE format('CREATE OR REPLACE FUNCTION pg_catalog.json_extract_path_text(s text, %s) RETURNS text LANGUAGE sql '
                       'IMMUTABLE PARALLEL SAFE AS $f$ SELECT sparkctl_json_path(s, ARRAY[%s], false) $f$',
                       array_to_string(names[1:n], ' text, ') || ' text', used);
        EXECUTE format('CREATE OR REPLACE FUNCTION pg_catalog.json_extract_path_text(s text, %s, nii bool) RETURNS text '
                       'LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT sparkctl_json_path(s, ARRAY[%s], nii) $f$',
                       array_to_string(names[1:n], ' text, ') || ' text', used);
    END LOOP;
END $do$;
CREATE FUNCTION pg_catalog.json_array_length(s text, nii bool) RETURNS int4 LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT json_array_length(sparkctl_json(s, nii))
$$;
CREATE FUNCTION pg_catalog.json_array_length(s text) RETURNS int4 LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT json_array_length(sparkctl_json(s, false))
$$;
CREATE FUNCTION pg_catalog.json_extract_array_element_text(s text, i int4, nii bool) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN i >= 0 THEN sparkctl_json(s, nii)->>i END
$$;
CREATE FUNCTION pg_catalog.json_extract_array_element_text(s text, i int4) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT json_extract_array_element_text(s, i, false)
$$;
