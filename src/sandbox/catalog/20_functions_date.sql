-- Date and time functions of Redshift that PostgreSQL lacks or answers differently. The dialect writes date parts as
-- strings before they arrive here.
CREATE FUNCTION pg_catalog.sparkctl_date_part_name(part text) RETURNS text LANGUAGE sql IMMUTABLE STRICT AS $$
    SELECT CASE lower(part)
        WHEN 'mil' THEN 'millennium' WHEN 'mils' THEN 'millennium' WHEN 'millennia' THEN 'millennium'
        WHEN 'c' THEN 'century' WHEN 'cent' THEN 'century' WHEN 'cents' THEN 'century' WHEN 'centuries' THEN 'century'
        WHEN 'dec' THEN 'decade' WHEN 'decs' THEN 'decade' WHEN 'decades' THEN 'decade'
        WHEN 'y' THEN 'year' WHEN 'yr' THEN 'year' WHEN 'yrs' THEN 'year' WHEN 'years' THEN 'year'
        WHEN 'yy' THEN 'year' WHEN 'yyyy' THEN 'year'
        WHEN 'qtr' THEN 'quarter' WHEN 'qtrs' THEN 'quarter' WHEN 'quarters' THEN 'quarter' WHEN 'q' THEN 'quarter'
        WHEN 'mon' THEN 'month' WHEN 'mons' THEN 'month' WHEN 'months' THEN 'month' WHEN 'mm' THEN 'month'
        WHEN 'w' THEN 'week' WHEN 'weeks' THEN 'week' WHEN 'ww' THEN 'week'
        WHEN 'dayofweek' THEN 'dow' WHEN 'dw' THEN 'dow' WHEN 'weekday' THEN 'dow'
        WHEN 'dayofyear' THEN 'doy' WHEN 'dy' THEN 'doy' WHEN 'yearday' THEN 'doy'
        WHEN 'd' THEN 'day' WHEN 'days' THEN 'day' WHEN 'dd' THEN 'day'
        WHEN 'h' THEN 'hour' WHEN 'hr' THEN 'hour' WHEN 'hrs' THEN 'hour' WHEN 'hours' THEN 'hour' WHEN 'hh' THEN 'hour'
        WHEN 'm' THEN 'minute' WHEN 'min' THEN 'minute' WHEN 'mins' THEN 'minute' WHEN 'minutes' THEN 'minute'
        WHEN 'mi' THEN 'minute' WHEN 'n' THEN 'minute'
        WHEN 's' THEN 'second' WHEN 'sec' THEN 'second' WHEN 'secs' THEN 'second' WHEN 'seconds' THEN 'second'
        WHEN 'ss' THEN 'second'
        WHEN 'ms' THEN 'millisecond' WHEN 'msec' THEN 'millisecond' WHEN 'msecs' THEN 'millisecond'
        WHEN 'msecond' THEN 'millisecond' WHEN 'mseconds' THEN 'millisecond' WHEN 'millisec' THEN 'millisecond'
        WHEN 'millisecs' THEN 'millisecond' WHEN 'millisecon' THEN 'millisecond' WHEN 'milliseconds' THEN 'millisecond'
        WHEN 'us' THEN 'microsecond' WHEN 'usec' THEN 'microsecond' WHEN 'usecs' THEN 'microsecond'
        WHEN 'usecond' THEN 'microsecond' WHEN 'useconds' THEN 'microsecond' WHEN 'microsec' THEN 'microsecond'
        WHEN 'microsecs' THEN 'microsecond' WHEN 'microseconds' THEN 'microsecond'
        ELSE lower(part) END
$$;

-- EXTRACT and DATE_PART are replaced: the server's own stay under another name. EXTRACT gives one field as an integer;
-- decades are counted from 1. DATE_PART gives a double, and seconds with their fraction. None is STRICT, so
-- that the planner can put their bodies in place of the call, where a constant part leaves one branch.
UPDATE pg_catalog.pg_proc SET proname = 'sparkctl_pg_' || proname
 WHERE proname IN ('extract', 'date_part') AND pronamespace = 'pg_catalog'::regnamespace;

CREATE FUNCTION pg_catalog.extract(part text, t timestamp) RETURNS int4 LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE sparkctl_date_part_name(part)
        WHEN 'millisecond' THEN (sparkctl_pg_date_part('milliseconds', t)::int8 % 1000)::int4
        WHEN 'microsecond' THEN (sparkctl_pg_date_part('microseconds', t)::int8 % 1000000)::int4
        WHEN 'decade' THEN sparkctl_pg_date_part('year', t)::int4 / 10 + 1
        ELSE floor(sparkctl_pg_date_part(sparkctl_date_part_name(part), t))::int4 END
$$;
CREATE FUNCTION pg_catalog.extract(part text, t timestamptz) RETURNS float8 LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN sparkctl_date_part_name(part) = 'epoch' OR sparkctl_date_part_name(part) LIKE 'timezone%'
                THEN sparkctl_pg_date_part(sparkctl_date_part_name(part), t)
                ELSE pg_catalog.extract(part, t::timestamp)::float8 END
$$;
CREATE FUNCTION pg_catalog.extract(part text, t date) RETURNS int4 LANGUAGE sql IMMUTABLE AS $$
    SELECT pg_catalog.extract(part, t::timestamp)
$$;
CREATE FUNCTION pg_catalog.extract(part text, t time) RETURNS int4 LANGUAGE sql IMMUTABLE AS $$
    SELECT pg_catalog.extract(part, timestamp '2000-01-01' + t)
$$;
CREATE FUNCTION pg_catalog.extract(part text, t interval) RETURNS int4 LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE sparkctl_date_part_name(part)
        WHEN 'millisecond' THEN (sparkctl_pg_date_part('milliseconds', t)::int8 % 1000)::int4
        WHEN 'microsecond' THEN (sparkctl_pg_date_part('microseconds', t)::int8 % 1000000)::int4
        ELSE floor(sparkctl_pg_date_part(sparkctl_date_part_name(part), t))::int4 END
$$;
CREATE FUNCTION pg_catalog.date_part(part text, t timestamp) RETURNS float8 LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE sparkctl_date_part_name(part)
        WHEN 'second' THEN sparkctl_pg_date_part('second', t)
        WHEN 'epoch' THEN sparkctl_pg_date_part('epoch', t)
        ELSE pg_catalog.extract(part, t)::float8 END
$$;
CREATE FUNCTION pg_catalog.date_part(part text, t timestamptz) RETURNS float8 LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN sparkctl_date_part_name(part) = 'epoch' OR sparkctl_date_part_name(part) LIKE 'timezone%'
                THEN sparkctl_pg_date_part(sparkctl_date_part_name(part), t)
                ELSE date_part(part, t::timestamp) END
$$;
CREATE FUNCTION pg_catalog.date_part(part text, t date) RETURNS float8 LANGUAGE sql IMMUTABLE AS $$
    SELECT date_part(part, t::timestamp)
$$;
CREATE FUNCTION pg_catalog.date_part(part text, t time) RETURNS float8 LANGUAGE sql IMMUTABLE AS $$
    SELECT date_part(part, timestamp '2000-01-01' + t)
$$;
CREATE FUNCTION pg_catalog.date_part(part text, t interval) RETURNS float8 LANGUAGE sql IMMUTABLE AS $$
    SELECT sparkctl_pg_date_part(sparkctl_date_part_name(part), t)
$$;
CREATE FUNCTION pg_catalog.date_part_year(d date) RETURNS int4 LANGUAGE sql IMMUTABLE STRICT AS $$
    SELECT extract(year FROM d)::int4
$$;

-- GETDATE: the statement's beginning in whole seconds. SYSDATE: the transaction's.
CREATE FUNCTION pg_catalog.getdate() RETURNS timestamp LANGUAGE sql STABLE AS $$
    SELECT date_trunc('second', statement_timestamp()::timestamp)
$$;
CREATE FUNCTION pg_catalog.sysdate() RETURNS timestamp LANGUAGE sql STABLE AS $$
    SELECT transaction_timestamp()::timestamp
$$;

-- The last day of a month stays the last day.
CREATE FUNCTION pg_catalog.add_months(t timestamp, n int8) RETURNS timestamp LANGUAGE sql IMMUTABLE STRICT AS $$
    SELECT CASE WHEN t::date = (date_trunc('month', t) + interval '1 month - 1 day')::date
                THEN (date_trunc('month', t) + n * interval '1 month' + interval '1 month - 1 day')::date + t::time
                ELSE t + n * interval '1 month' END
$$;
CREATE FUNCTION pg_catalog.add_months(t date, n int8) RETURNS timestamp LANGUAGE sql IMMUTABLE STRICT AS $$
    SELECT add_months(t::timestamp, n)
$$;

CREATE FUNCTION pg_catalog.dateadd(part text, n int8, t timestamp) RETURNS timestamp LANGUAGE sql IMMUTABLE STRICT AS $$
    SELECT CASE sparkctl_date_part_name(part)
        WHEN 'millennium' THEN t + n * interval '1000 years' WHEN 'century' THEN t + n * interval '100 years'
        WHEN 'decade' THEN t + n * interval '10 years' WHEN 'year' THEN add_months(t, n * 12)
        WHEN 'quarter' THEN add_months(t, n * 3) WHEN 'month' THEN add_months(t, n)
        WHEN 'week' THEN t + n * interval '7 days'
        WHEN 'day' THEN t + n * interval '1 day' WHEN 'dow' THEN t + n * interval '1 day'
        WHEN 'doy' THEN t + n * interval '1 day'
        WHEN 'hour' THEN t + n * interval '1 hour' WHEN 'minute' THEN t + n * interval '1 minute'
        WHEN 'second' THEN t + n * interval '1 second'
        WHEN 'epoch' THEN t + n * interval '1 second'
        WHEN 'millisecond' THEN t + (n / 1000) * interval '1 second' + (n % 1000) * interval '1 millisecond'
        WHEN 'microsecond' THEN t + (n / 1000000) * interval '1 second' + (n % 1000000) * interval '1 microsecond'
        ELSE t + n * ('1 ' || part)::interval END
$$;
CREATE FUNCTION pg_catalog.dateadd(part text, n int8, t date) RETURNS timestamp LANGUAGE sql IMMUTABLE STRICT AS $$
    SELECT dateadd(part, n, t::timestamp)
$$;
CREATE FUNCTION pg_catalog.dateadd(part text, n int8, t timestamptz) RETURNS timestamptz LANGUAGE sql STABLE STRICT AS $$
    SELECT dateadd(part, n, t::timestamp)::timestamptz
$$;
CREATE FUNCTION pg_catalog.dateadd(part text, n int8, t text) RETURNS timestamp LANGUAGE sql STABLE STRICT AS $$
    SELECT dateadd(part, n, t::timestamp)
$$;
CREATE FUNCTION pg_catalog.dateadd(part text, n numeric, t timestamp) RETURNS timestamp LANGUAGE sql IMMUTABLE STRICT AS $$
    SELECT dateadd(part, trunc(n)::int8, t)
$$;
CREATE FUNCTION pg_catalog.dateadd(part text, n float8, t timestamp) RETURNS timestamp LANGUAGE sql IMMUTABLE STRICT AS $$
    SELECT dateadd(part, trunc(n)::int8, t)
$$;

-- DATEDIFF counts the boundaries of the part that lie between.
CREATE FUNCTION pg_catalog.datediff(part text, a timestamp, b timestamp) RETURNS int8 LANGUAGE sql IMMUTABLE STRICT AS $$
    SELECT CASE sparkctl_date_part_name(part)
        WHEN 'millennium' THEN (extract(millennium FROM b) - extract(millennium FROM a))::int8
        WHEN 'century' THEN (extract(century FROM b) - extract(century FROM a))::int8
        WHEN 'decade' THEN (extract(decade FROM b) - extract(decade FROM a))::int8
        WHEN 'year' THEN (extract(year FROM b) - extract(year FROM a))::int8
        WHEN 'quarter' THEN ((extract(year FROM b) - extract(year FROM a)) * 4
                             + extract(quarter FROM b) - extract(quarter FROM a))::int8
        WHEN 'month' THEN ((extract(year FROM b) - extract(year FROM a)) * 12
                           + extract(month FROM b) - extract(month FROM a))::int8
        -- weeks begin on Sunday
        WHEN 'week' THEN (floor((b::date - date '2000-01-02') / 7.0) - floor((a::date - date '2000-01-02') / 7.0))::int8
        WHEN 'day' THEN (b::date - a::date)::int8
        WHEN 'dow' THEN (b::date - a::date)::int8
        WHEN 'doy' THEN (b::date - a::date)::int8
        WHEN 'hour' THEN (extract(epoch FROM date_trunc('hour', b) - date_trunc('hour', a)) / 3600)::int8
        WHEN 'minute' THEN (extract(epoch FROM date_trunc('minute', b) - date_trunc('minute', a)) / 60)::int8
        WHEN 'second' THEN extract(epoch FROM date_trunc('second', b) - date_trunc('second', a))::int8
        WHEN 'epoch' THEN extract(epoch FROM date_trunc('second', b) - date_trunc('second', a))::int8
        WHEN 'millisecond'
            THEN (extract(epoch FROM date_trunc('milliseconds', b) - date_trunc('milliseconds', a)) * 1000)::int8
        WHEN 'microsecond' THEN (extract(epoch FROM b - a) * 1000000)::int8
        ELSE date_part(part, b - a)::int8 END
$$;
CREATE FUNCTION pg_catalog.datediff(part text, a date, b date) RETURNS int8 LANGUAGE sql IMMUTABLE STRICT AS $$
    SELECT datediff(part, a::timestamp, b::timestamp)
$$;
CREATE FUNCTION pg_catalog.datediff(part text, a timestamptz, b timestamptz) RETURNS int8 LANGUAGE sql STABLE STRICT AS $$
    SELECT datediff(part, a::timestamp, b::timestamp)
$$;
CREATE FUNCTION pg_catalog.datediff(part text, a time, b time) RETURNS int8 LANGUAGE sql IMMUTABLE STRICT AS $$
    SELECT datediff(part, timestamp '2000-01-01' + a, timestamp '2000-01-01' + b)
$$;
CREATE FUNCTION pg_catalog.datediff(part text, a text, b text) RETURNS int8 LANGUAGE sql STABLE STRICT AS $$
    SELECT datediff(part, a::timestamp, b::timestamp)
$$;

CREATE FUNCTION pg_catalog.last_day(t timestamp) RETURNS date LANGUAGE sql IMMUTABLE STRICT AS $$
    SELECT (date_trunc('month', t) + interval '1 month - 1 day')::date
$$;
CREATE FUNCTION pg_catalog.last_day(t date) RETURNS date LANGUAGE sql IMMUTABLE STRICT AS $$
    SELECT last_day(t::timestamp)
$$;
-- Two last days, or the same day of the month, are whole months apart; else days are thirty-firsts.
CREATE FUNCTION pg_catalog.months_between(a timestamp, b timestamp) RETURNS float8 LANGUAGE sql IMMUTABLE STRICT AS $$
    SELECT datediff('month', b, a)::float8
         + CASE WHEN extract(day FROM a) = extract(day FROM b) OR (a::date = last_day(a) AND b::date = last_day(b)) THEN 0
                ELSE (extract(day FROM a)::float8 - extract(day FROM b)::float8
                      + (extract(epoch FROM a::time) - extract(epoch FROM b::time))::float8 / 86400) / 31 END
$$;
CREATE FUNCTION pg_catalog.months_between(a date, b date) RETURNS float8 LANGUAGE sql IMMUTABLE STRICT AS $$
    SELECT months_between(a::timestamp, b::timestamp)
$$;
CREATE FUNCTION pg_catalog.next_day(t timestamp, day text) RETURNS date LANGUAGE sql IMMUTABLE STRICT AS $$
    SELECT t::date + (CASE WHEN n > 0 THEN n ELSE n + 7 END)
      FROM (SELECT (CASE substr(lower(day), 1, 2)
                         WHEN 'su' THEN 0 WHEN 'mo' THEN 1 WHEN 'tu' THEN 2 WHEN 'we' THEN 3 WHEN 'th' THEN 4
                         WHEN 'fr' THEN 5 WHEN 'sa' THEN 6 END - extract(dow FROM t))::int4 AS n) d
$$;
CREATE FUNCTION pg_catalog.next_day(t date, day text) RETURNS date LANGUAGE sql IMMUTABLE STRICT AS $$
    SELECT next_day(t::timestamp, day)
$$;
CREATE FUNCTION pg_catalog.convert_timezone(source text, target text, t timestamp) RETURNS timestamp
    LANGUAGE sql IMMUTABLE STRICT AS $$
    SELECT (t AT TIME ZONE source) AT TIME ZONE target
$$;
CREATE FUNCTION pg_catalog.convert_timezone(target text, t timestamp) RETURNS timestamp LANGUAGE sql IMMUTABLE STRICT AS $$
    SELECT (t AT TIME ZONE 'UTC') AT TIME ZONE target
$$;
CREATE FUNCTION pg_catalog.convert_timezone(target text, t timestamptz) RETURNS timestamp LANGUAGE sql IMMUTABLE STRICT AS $$
    SELECT t AT TIME ZONE target
$$;
CREATE FUNCTION pg_catalog.trunc(t timestamp) RETURNS date LANGUAGE sql IMMUTABLE STRICT AS $$
    SELECT t::date
$$;
