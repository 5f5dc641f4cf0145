-- Regular expressions. REGEXP_REPLACE replaces every occurrence and writes groups as $1, REGEXP_SUBSTR gives an empty
-- string when nothing matches; positions below one are one. PostgreSQL's own stay under another name. Of the
-- parameters, c and i tell about letter case and e asks for the first group; p, for Perl's dialect, changes nothing,
-- because the server's dialect knows its look-ahead and classes.
UPDATE pg_catalog.pg_proc SET proname = 'sparkctl_pg_' || proname
 WHERE proname IN ('regexp_replace', 'regexp_count', 'regexp_instr', 'regexp_substr')
   AND pronamespace = 'pg_catalog'::regnamespace AND oid < 16384;

CREATE FUNCTION pg_sparkctl.regexp_case(flags text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN strpos(flags, 'i') > 0 THEN 'i' ELSE 'c' END
$$;
CREATE FUNCTION pg_sparkctl.replacement(r text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN strpos(r, '$') = 0 THEN r ELSE sparkctl_pg_regexp_replace(r, '[$]([0-9])', E'\\\\\\1', 'g') END
$$;
CREATE FUNCTION pg_catalog.regexp_replace(s text, p text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT sparkctl_pg_regexp_replace(s, p, '', 'g')
$$;
CREATE FUNCTION pg_catalog.regexp_replace(s text, p text, r text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT sparkctl_pg_regexp_replace(s, p, pg_sparkctl.replacement(r), 'g')
$$;
CREATE FUNCTION pg_catalog.regexp_replace(s text, p text, r text, pos int4, flags text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN pos > 1
                THEN left(s, pos - 1) || sparkctl_pg_regexp_replace(substr(s, pos), p, pg_sparkctl.replacement(r),
                                                                    'g' || pg_sparkctl.regexp_case(flags))
                ELSE sparkctl_pg_regexp_replace(s, p, pg_sparkctl.replacement(r),
                                                'g' || pg_sparkctl.regexp_case(flags)) END
$$;
CREATE FUNCTION pg_catalog.regexp_replace(s text, p text, r text, pos int4) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT regexp_replace(s, p, r, pos, 'c')
$$;

CREATE FUNCTION pg_catalog.regexp_count(s text, p text) RETURNS int4 LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT sparkctl_pg_regexp_count(s, p)
$$;
CREATE FUNCTION pg_catalog.regexp_count(s text, p text, pos int4) RETURNS int4 LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT sparkctl_pg_regexp_count(s, p, GREATEST(pos, 1))
$$;
CREATE FUNCTION pg_catalog.regexp_count(s text, p text, pos int4, flags text) RETURNS int4
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT sparkctl_pg_regexp_count(s, p, GREATEST(pos, 1), pg_sparkctl.regexp_case(flags))
$$;

-- Without a group in the pattern, e changes nothing.
CREATE FUNCTION pg_sparkctl.regexp_group(p text, flags text) RETURNS int4 LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN strpos(flags, 'e') > 0 AND p ~ E'(^|[^\\\\])[(]([^?]|$)' THEN 1 ELSE 0 END
$$;
CREATE FUNCTION pg_catalog.regexp_instr(s text, p text, pos int4, occurrence int4, behind int4, flags text) RETURNS int4
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN occurrence < 1 THEN 0
                ELSE sparkctl_pg_regexp_instr(s, p, GREATEST(pos, 1), occurrence, behind, pg_sparkctl.regexp_case(flags),
                                              pg_sparkctl.regexp_group(p, flags)) END
$$;
CREATE FUNCTION pg_catalog.regexp_instr(s text, p text) RETURNS int4 LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT sparkctl_pg_regexp_instr(s, p)
$$;
CREATE FUNCTION pg_catalog.regexp_instr(s text, p text, pos int4) RETURNS int4 LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT sparkctl_pg_regexp_instr(s, p, GREATEST(pos, 1))
$$;
CREATE FUNCTION pg_catalog.regexp_instr(s text, p text, pos int4, occurrence int4) RETURNS int4
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT regexp_instr(s, p, pos, occurrence, 0, 'c')
$$;
CREATE FUNCTION pg_catalog.regexp_instr(s text, p text, pos int4, occurrence int4, behind int4) RETURNS int4
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT regexp_instr(s, p, pos, occurrence, behind, 'c')
$$;

CREATE FUNCTION pg_catalog.regexp_substr(s text, p text, pos int4, occurrence int4, flags text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN s IS NULL OR p IS NULL OR pos IS NULL OR flags IS NULL OR occurrence < 1 OR occurrence IS NULL THEN NULL
                ELSE COALESCE(sparkctl_pg_regexp_substr(s, p, GREATEST(pos, 1), occurrence,
                                                        pg_sparkctl.regexp_case(flags),
                                                        pg_sparkctl.regexp_group(p, flags)), '') END
$$;
CREATE FUNCTION pg_catalog.regexp_substr(s text, p text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN s IS NOT NULL AND p IS NOT NULL THEN COALESCE(sparkctl_pg_regexp_substr(s, p), '') END
$$;
CREATE FUNCTION pg_catalog.regexp_substr(s text, p text, pos int4) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT regexp_substr(s, p, pos, 1, 'c')
$$;
CREATE FUNCTION pg_catalog.regexp_substr(s text, p text, pos int4, occurrence int4) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT regexp_substr(s, p, pos, occurrence, 'c')
$$;
