-- SUPER values of different types sort as truth values, numbers, texts, arrays, objects; a JSON null is behind them all,
-- beside NULL. Among values of one type the order is jsonb's.
CREATE FUNCTION pg_sparkctl.super_compare(a jsonb, b jsonb) RETURNS int4 LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
    IF jsonb_typeof(a) = jsonb_typeof(b) THEN
        RETURN jsonb_cmp(a, b);
    END IF;
    RETURN strpos('boolean number string array object null', jsonb_typeof(a))
        - strpos('boolean number string array object null', jsonb_typeof(b));
END $$;

-- Sorting goes by this function; an index that was made by the other order is made again.
DO $do$
DECLARE
    made regclass;
BEGIN
    UPDATE pg_catalog.pg_amproc p SET amproc = 'pg_sparkctl.super_compare(jsonb, jsonb)'::regprocedure
      FROM pg_catalog.pg_opfamily f, pg_catalog.pg_am m
     WHERE f.oid = p.amprocfamily AND f.opfname = 'jsonb_ops' AND m.oid = f.opfmethod AND m.amname = 'btree'
       AND p.amprocnum = 1 AND p.amproc <> 'pg_sparkctl.super_compare(jsonb, jsonb)'::regprocedure;
    IF FOUND THEN
        FOR made IN SELECT i.indexrelid FROM pg_catalog.pg_index i
            WHERE EXISTS (SELECT FROM unnest(i.indclass::oid[]) k(oid) JOIN pg_catalog.pg_opclass c ON c.oid = k.oid
                                  JOIN pg_catalog.pg_am m ON m.oid = c.opcmethod
                           WHERE c.opcname = 'jsonb_ops' AND m.amname = 'btree')
        LOOP
            EXECUTE format('REINDEX INDEX %s', made);
        END LOOP;
    END IF;
END $do$;

-- The least and the greatest are found in that order, without JSON nulls.
CREATE FUNCTION pg_sparkctl.super_least(state jsonb, v jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN v IS NULL OR jsonb_typeof(v) = 'null' THEN state
                WHEN state IS NULL OR pg_sparkctl.super_compare(v, state) < 0 THEN v ELSE state END
$$;
CREATE FUNCTION pg_sparkctl.super_greatest(state jsonb, v jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN v IS NULL OR jsonb_typeof(v) = 'null' THEN state
                WHEN state IS NULL OR pg_sparkctl.super_compare(v, state) > 0 THEN v ELSE state END
$$;
CREATE AGGREGATE pg_catalog.min(jsonb) (SFUNC = pg_sparkctl.super_least, STYPE = jsonb);
CREATE AGGREGATE pg_catalog.max(jsonb) (SFUNC = pg_sparkctl.super_greatest, STYPE = jsonb);
