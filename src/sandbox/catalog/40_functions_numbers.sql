-- Numbers: functions for doubles that PostgreSQL has for numeric only, and aggregates with Redshift's result types.
CREATE FUNCTION pg_catalog.round(n float8, digits int4) RETURNS float8 LANGUAGE sql IMMUTABLE STRICT AS $$
    SELECT round(n::numeric, digits)::float8
$$;
CREATE FUNCTION pg_catalog.trunc(n float8, digits int4) RETURNS float8 LANGUAGE sql IMMUTABLE STRICT AS $$
    SELECT trunc(n::numeric, digits)::float8
$$;

-- AVG of integers is a BIGINT, cut off; SUM of BIGINT is a BIGINT. The server's own aggregates are changed, so that
-- their names, and with them the labels of columns, stay. The states of the smaller integers' AVG are {count, sum}.
CREATE FUNCTION pg_catalog.sparkctl_avg_final(state int8[]) RETURNS int8 LANGUAGE sql IMMUTABLE STRICT AS $$
    SELECT CASE WHEN state[1] > 0 THEN state[2] / state[1] END
$$;
CREATE FUNCTION pg_catalog.sparkctl_avg_step(state int8[], n int8) RETURNS int8[] LANGUAGE sql IMMUTABLE STRICT AS $$
    SELECT ARRAY[state[1] + 1, state[2] + n]
$$;
CREATE FUNCTION pg_catalog.sparkctl_avg_back(state int8[], n int8) RETURNS int8[] LANGUAGE sql IMMUTABLE STRICT AS $$
    SELECT ARRAY[state[1] - 1, state[2] - n]
$$;
UPDATE pg_catalog.pg_proc SET prorettype = 'int8'::regtype
 WHERE oid IN ('pg_catalog.avg(int2)'::regprocedure, 'pg_catalog.avg(int4)'::regprocedure,
               'pg_catalog.avg(int8)'::regprocedure, 'pg_catalog.sum(int8)'::regprocedure);
UPDATE pg_catalog.pg_aggregate
   SET aggfinalfn = 'pg_catalog.sparkctl_avg_final(int8[])'::regprocedure,
       aggmfinalfn = 'pg_catalog.sparkctl_avg_final(int8[])'::regprocedure
 WHERE aggfnoid IN ('pg_catalog.avg(int2)'::regprocedure, 'pg_catalog.avg(int4)'::regprocedure);
UPDATE pg_catalog.pg_aggregate
   SET aggtransfn = 'pg_catalog.sparkctl_avg_step(int8[],int8)'::regprocedure,
       aggfinalfn = 'pg_catalog.sparkctl_avg_final(int8[])'::regprocedure,
       aggcombinefn = 'pg_catalog.int4_avg_combine(int8[],int8[])'::regprocedure, aggserialfn = 0, aggdeserialfn = 0,
       aggmtransfn = 'pg_catalog.sparkctl_avg_step(int8[],int8)'::regprocedure,
       aggminvtransfn = 'pg_catalog.sparkctl_avg_back(int8[],int8)'::regprocedure,
       aggmfinalfn = 'pg_catalog.sparkctl_avg_final(int8[])'::regprocedure,
       aggtranstype = 'int8[]'::regtype, aggtransspace = 0, aggmtranstype = 'int8[]'::regtype, aggmtransspace = 0,
       agginitval = '{0,0}', aggminitval = '{0,0}'
 WHERE aggfnoid = 'pg_catalog.avg(int8)'::regprocedure;
UPDATE pg_catalog.pg_aggregate
   SET aggtransfn = 'pg_catalog.int8pl(int8,int8)'::regprocedure, aggfinalfn = 0,
       aggcombinefn = 'pg_catalog.int8pl(int8,int8)'::regprocedure, aggserialfn = 0, aggdeserialfn = 0,
       aggmtransfn = 0, aggminvtransfn = 0, aggmfinalfn = 0,
       aggtranstype = 'int8'::regtype, aggtransspace = 0, aggmtranstype = 0, aggmtransspace = 0,
       agginitval = NULL, aggminitval = NULL
 WHERE aggfnoid = 'pg_catalog.sum(int8)'::regprocedure;

CREATE FUNCTION pg_catalog.sparkctl_any(state anyelement, n anyelement) RETURNS anyelement
    LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT state $$;
CREATE AGGREGATE pg_catalog.any_value(anyelement) (SFUNC = sparkctl_any, STYPE = anyelement);
