-- Redshift stores text into numbers and numbers into text without a cast, when the text is a number; and what is not 0
-- is true.
DO $do$
DECLARE
    source text;
    target text;
BEGIN
    FOREACH source IN ARRAY ARRAY['varchar', 'text'] LOOP
        FOREACH target IN ARRAY ARRAY['int2', 'int4', 'int8', 'numeric', 'float4', 'float8', 'bool', 'date', 'timestamp',
                                      'timestamptz', 'time'] LOOP
            IF NOT EXISTS (SELECT FROM pg_cast WHERE castsource = source::regtype AND casttarget = target::regtype) THEN
                EXECUTE format('CREATE CAST (%s AS %s) WITH INOUT AS ASSIGNMENT', source, target);
            END IF;
        END LOOP;
    END LOOP;
END $do$;
UPDATE pg_catalog.pg_cast SET castcontext = 'a'
 WHERE oid < 16384 AND castcontext = 'e'
   AND (castsource, casttarget) IN (('int4'::regtype, 'bool'::regtype), ('bool'::regtype, 'int4'::regtype));
CREATE FUNCTION pg_sparkctl.is_true(n int8) RETURNS bool LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT n <> 0 $$;
CREATE FUNCTION pg_sparkctl.is_true(n int2) RETURNS bool LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT n <> 0 $$;
CREATE FUNCTION pg_sparkctl.to_int8(b bool) RETURNS int8 LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT b::int4::int8 $$;
CREATE FUNCTION pg_sparkctl.to_int2(b bool) RETURNS int2 LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT b::int4::int2 $$;
CREATE CAST (int8 AS bool) WITH FUNCTION pg_sparkctl.is_true(int8) AS ASSIGNMENT;
CREATE CAST (int2 AS bool) WITH FUNCTION pg_sparkctl.is_true(int2) AS ASSIGNMENT;
CREATE CAST (bool AS int8) WITH FUNCTION pg_sparkctl.to_int8(bool) AS ASSIGNMENT;
CREATE CAST (bool AS int2) WITH FUNCTION pg_sparkctl.to_int2(bool) AS ASSIGNMENT;

-- A VARCHAR's length is one in bytes, also in a cast, which cuts at a whole character. What is stored goes through the same
-- function, which then drops no more than blanks. The length comes with the four bytes of PostgreSQL's header.
CREATE FUNCTION pg_sparkctl.cut_varchar(v varchar, length int4) RETURNS varchar LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
    AS $$
DECLARE
    bytes constant int4 := length - 4;
    kept text := substr(v, 1, bytes);
BEGIN
    WHILE octet_length(kept) > bytes LOOP
        -- A character has four bytes at most.
        kept := substr(kept, 1, char_length(kept) - (octet_length(kept) - bytes + 3) / 4);
    END LOOP;
    RETURN kept;
END $$;
CREATE FUNCTION pg_sparkctl.fit_varchar(v varchar, length int4) RETURNS varchar LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
    AS $$
DECLARE
    kept text := pg_sparkctl.cut_varchar(v, length);
BEGIN
    IF rtrim(substr(v, char_length(kept) + 1), ' ') <> '' THEN
        RAISE EXCEPTION USING ERRCODE = '22001', MESSAGE = 'value too long for type character varying(' || length - 4 || ')';
    END IF;
    RETURN kept;
END $$;
-- Not immutable, so that it is put in place of the call before it is worked out.
CREATE FUNCTION pg_sparkctl.hold_varchar(v varchar, length int4, asked bool) RETURNS varchar LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
    SELECT CASE WHEN octet_length(v) <= length - 4 THEN v WHEN asked THEN pg_sparkctl.cut_varchar(v, length)
                ELSE pg_sparkctl.fit_varchar(v, length) END
$$;
UPDATE pg_catalog.pg_cast SET castfunc = 'pg_sparkctl.hold_varchar(varchar, int4, bool)'::regprocedure
 WHERE castsource = 'varchar'::regtype AND casttarget = 'varchar'::regtype
   AND castfunc <> 'pg_sparkctl.hold_varchar(varchar, int4, bool)'::regprocedure;

-- TRY_CAST(e AS type): NULL where CAST fails. The dialect gives the value as text, the type's name and a NULL of it.
CREATE FUNCTION pg_sparkctl.try_cast(v text, type text, sample anyelement) RETURNS anyelement
    LANGUAGE plpgsql STABLE PARALLEL UNSAFE AS $$
BEGIN
    EXECUTE 'SELECT CAST($1 AS ' || type || ')' INTO sample USING v;
    RETURN sample;
EXCEPTION WHEN data_exception THEN
    RETURN NULL;
END $$;
