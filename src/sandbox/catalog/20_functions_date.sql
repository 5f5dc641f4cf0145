-- Date and time functions of Redshift that PostgreSQL lacks or answers differently. The dialect writes date parts as
-- strings before they arrive here.
CREATE FUNCTION pg_catalog.sparkctl_date_part_name(part text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
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
-- decades are counted from 1. DATE_PART gives a double, and seconds with their fraction. The functions here are not
-- STRICT, so that the planner can put their bodies in place of the call, where a constant part leaves one branch.
-- (05_room.sql has renamed them.)

CREATE FUNCTION pg_catalog.extract(part text, t timestamp) RETURNS int4 LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE sparkctl_date_part_name(part)
        WHEN 'millisecond' THEN (sparkctl_pg_date_part('microseconds', t)::int8 / 1000 % 1000)::int4
        WHEN 'microsecond' THEN (sparkctl_pg_date_part('microseconds', t)::int8 % 1000000)::int4
        WHEN 'decade' THEN sparkctl_pg_date_part('year', t)::int4 / 10 + 1
        ELSE floor(sparkctl_pg_date_part(sparkctl_date_part_name(part), t))::int4 END
$$;
CREATE FUNCTION pg_catalog.extract(part text, t timestamptz) RETURNS float8 LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN sparkctl_date_part_name(part) = 'epoch' OR sparkctl_date_part_name(part) LIKE 'timezone%'
                THEN sparkctl_pg_date_part(sparkctl_date_part_name(part), t)
                ELSE pg_catalog.extract(part, t::timestamp)::float8 END
$$;
CREATE FUNCTION pg_catalog.extract(part text, t date) RETURNS int4 LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT pg_catalog.extract(part, t::timestamp)
$$;
CREATE FUNCTION pg_catalog.extract(part text, t time) RETURNS int4 LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT pg_catalog.extract(part, timestamp '1970-01-01' + t)
$$;
CREATE FUNCTION pg_catalog.extract(part text, t timetz) RETURNS int4 LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN sparkctl_date_part_name(part) LIKE 'timezone%'
                THEN sparkctl_pg_date_part(sparkctl_date_part_name(part), t)::int4
                ELSE pg_catalog.extract(part, timestamp '1970-01-01' + (t AT TIME ZONE 'UTC')::time) END
$$;
CREATE FUNCTION pg_catalog.extract(part text, t interval) RETURNS int4 LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE sparkctl_date_part_name(part)
        WHEN 'millisecond' THEN (sparkctl_pg_date_part('microseconds', t)::int8 / 1000 % 1000)::int4
        WHEN 'microsecond' THEN (sparkctl_pg_date_part('microseconds', t)::int8 % 1000000)::int4
        ELSE floor(sparkctl_pg_date_part(sparkctl_date_part_name(part), t))::int4 END
$$;

-- What the dialect makes of EXTRACT, whose column Redshift labels date_part. With three arguments: seconds since 1970,
-- which outgrow an integer in 2038.
CREATE FUNCTION pg_sparkctl.date_part(part text, t timestamp) RETURNS int4 LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT pg_catalog.extract(part, t)
$$;
CREATE FUNCTION pg_sparkctl.date_part(part text, t timestamptz) RETURNS float8 LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT pg_catalog.extract(part, t)
$$;
CREATE FUNCTION pg_sparkctl.date_part(part text, t date) RETURNS int4 LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT pg_catalog.extract(part, t)
$$;
CREATE FUNCTION pg_sparkctl.date_part(part text, t time) RETURNS int4 LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT pg_catalog.extract(part, t)
$$;
CREATE FUNCTION pg_sparkctl.date_part(part text, t timetz) RETURNS int4 LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT pg_catalog.extract(part, t)
$$;
CREATE FUNCTION pg_sparkctl.date_part(part text, t interval) RETURNS int4 LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT pg_catalog.extract(part, t)
$$;
CREATE FUNCTION pg_sparkctl.date_part(part text, t timestamp, epoch bool) RETURNS int8 LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT floor(sparkctl_pg_date_part('epoch', t))::int8
$$;
CREATE FUNCTION pg_sparkctl.date_part(part text, t timestamptz, epoch bool) RETURNS int8 LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT floor(sparkctl_pg_date_part('epoch', t))::int8
$$;
CREATE FUNCTION pg_sparkctl.date_part(part text, t date, epoch bool) RETURNS int8 LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT floor(sparkctl_pg_date_part('epoch', t::timestamp))::int8
$$;
CREATE FUNCTION pg_sparkctl.date_part(part text, t interval, epoch bool) RETURNS int8 LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT floor(sparkctl_pg_date_part('epoch', t))::int8
$$;

-- DATE_PART, under the name that its column has on Redshift as well.
CREATE FUNCTION pg_catalog.date_part(part text, t timestamp) RETURNS float8 LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE sparkctl_date_part_name(part)
        WHEN 'second' THEN sparkctl_pg_date_part('second', t)
        WHEN 'epoch' THEN sparkctl_pg_date_part('epoch', t)
        ELSE pg_catalog.extract(part, t)::float8 END
$$;
CREATE FUNCTION pg_catalog.date_part(part text, t timestamptz) RETURNS float8 LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN sparkctl_date_part_name(part) = 'epoch' OR sparkctl_date_part_name(part) LIKE 'timezone%'
                THEN sparkctl_pg_date_part(sparkctl_date_part_name(part), t)
                ELSE date_part(part, t::timestamp) END
$$;
CREATE FUNCTION pg_catalog.date_part(part text, t date) RETURNS float8 LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT date_part(part, t::timestamp)
$$;
CREATE FUNCTION pg_catalog.date_part(part text, t time) RETURNS float8 LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT date_part(part, timestamp '1970-01-01' + t)
$$;
CREATE FUNCTION pg_catalog.date_part(part text, t timetz) RETURNS float8 LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN sparkctl_date_part_name(part) LIKE 'timezone%'
                THEN sparkctl_pg_date_part(sparkctl_date_part_name(part), t)
                ELSE date_part(part, timestamp '1970-01-01' + (t AT TIME ZONE 'UTC')::time) END
$$;
CREATE FUNCTION pg_catalog.date_part(part text, t interval) RETURNS float8 LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT sparkctl_pg_date_part(sparkctl_date_part_name(part), t)
$$;
CREATE FUNCTION pg_catalog.pgdate_part(part text, t timestamp) RETURNS float8 LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT date_part(part, t)
$$;
CREATE FUNCTION pg_catalog.pgdate_part(part text, t timestamptz) RETURNS float8 LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT date_part(part, t)
$$;
CREATE FUNCTION pg_catalog.pgdate_part(part text, t date) RETURNS float8 LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT date_part(part, t)
$$;
CREATE FUNCTION pg_catalog.pgdate_part(part text, t time) RETURNS float8 LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT date_part(part, t)
$$;
CREATE FUNCTION pg_catalog.pgdate_part(part text, t timetz) RETURNS float8 LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT date_part(part, t)
$$;
CREATE FUNCTION pg_catalog.pgdate_part(part text, t interval) RETURNS float8 LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT date_part(part, t)
$$;
CREATE FUNCTION pg_catalog.date_part_year(d date) RETURNS int4 LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT pg_catalog.extract('year', d)
$$;
-- A date gives a timestamp without zone.
CREATE FUNCTION pg_catalog.date_trunc(part text, t date) RETURNS timestamp LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT date_trunc(part, t::timestamp)
$$;

-- GETDATE: the statement's beginning in whole seconds. SYSDATE: the transaction's.
CREATE FUNCTION pg_catalog.getdate() RETURNS timestamp LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT date_trunc('second', statement_timestamp()::timestamp)
$$;
CREATE FUNCTION pg_catalog.sysdate() RETURNS timestamp LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT transaction_timestamp()::timestamp
$$;

-- The last day of a month stays the last day. (DATEADD with months keeps the day's number where it can.)
CREATE FUNCTION pg_catalog.add_months(t timestamp, n int8) RETURNS timestamp LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN t::date = (date_trunc('month', t) + interval '1 month - 1 day')::date
                THEN (date_trunc('month', t) + n * interval '1 month' + interval '1 month - 1 day')::date + t::time
                ELSE t + n * interval '1 month' END
$$;
CREATE FUNCTION pg_catalog.add_months(t date, n int8) RETURNS timestamp LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT add_months(t::timestamp, n)
$$;
CREATE FUNCTION pg_catalog.add_months(t text, n int8) RETURNS timestamp LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT add_months(t::timestamp, n)
$$;

CREATE FUNCTION pg_sparkctl.no_date_part(part text) RETURNS interval LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = 'timestamp units "' || part || '" not recognized';
END $$;
-- A year after 29 February is 1 March.
CREATE FUNCTION pg_sparkctl.add_years(t timestamp, n int8) RETURNS timestamp LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN sparkctl_pg_date_part('month', t) = 2 AND sparkctl_pg_date_part('day', t) = 29
                THEN t - interval '1 day' + n * interval '1 year' + interval '1 day'
                ELSE t + n * interval '1 year' END
$$;
-- DATEADD, under the name that its column has.
CREATE FUNCTION pg_catalog.date_add(part text, n int8, t timestamp) RETURNS timestamp LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE sparkctl_date_part_name(part)
        WHEN 'day' THEN t + n * interval '1 day' WHEN 'hour' THEN t + n * interval '1 hour'
        WHEN 'month' THEN t + n * interval '1 month'
        WHEN 'millisecond' THEN t + (n / 1000) * interval '1 second' + (n % 1000) * interval '1 millisecond'
        WHEN 'microsecond' THEN t + (n / 1000000) * interval '1 second' + (n % 1000000) * interval '1 microsecond'
        WHEN 'second' THEN t + n * interval '1 second' WHEN 'epoch' THEN t + n * interval '1 second'
        WHEN 'minute' THEN t + n * interval '1 minute' WHEN 'week' THEN t + n * interval '7 days'
        WHEN 'quarter' THEN t + n * interval '3 months'
        WHEN 'year' THEN pg_sparkctl.add_years(t, n) WHEN 'decade' THEN pg_sparkctl.add_years(t, n * 10)
        WHEN 'century' THEN pg_sparkctl.add_years(t, n * 100)
        WHEN 'millennium' THEN pg_sparkctl.add_years(t, n * 1000)
        WHEN 'dow' THEN t + n * interval '1 day' WHEN 'doy' THEN t + n * interval '1 day'
        ELSE t + pg_sparkctl.no_date_part(part) END
$$;
CREATE FUNCTION pg_catalog.date_add(part text, n int8, t date) RETURNS timestamp LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT date_add(part, n, t::timestamp)
$$;
CREATE FUNCTION pg_catalog.date_add(part text, n int8, t timestamptz) RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT date_add(part, n, t::timestamp)::timestamptz
$$;
CREATE FUNCTION pg_catalog.date_add(part text, n int8, t text) RETURNS timestamp LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT date_add(part, n, t::timestamp)
$$;
CREATE FUNCTION pg_catalog.date_add(part text, n int8, t time) RETURNS time LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT date_add(part, n, timestamp '1970-01-01' + t)::time
$$;
CREATE FUNCTION pg_catalog.date_add(part text, n int8, t timetz) RETURNS timetz LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT ((timestamp '1970-01-01' + (t AT TIME ZONE 'UTC')::time) AT TIME ZONE 'UTC')::timetz
           + (date_add(part, n, timestamp '1970-01-01') - timestamp '1970-01-01')
$$;
CREATE FUNCTION pg_catalog.date_add(part text, n numeric, t timestamp) RETURNS timestamp LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT date_add(part, trunc(n)::int8, t)
$$;
CREATE FUNCTION pg_catalog.date_add(part text, n float8, t timestamp) RETURNS timestamp LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT date_add(part, trunc(n)::int8, t)
$$;

-- DATEDIFF counts the boundaries of the part that lie between.
CREATE FUNCTION pg_catalog.date_diff(part text, a timestamp, b timestamp) RETURNS int8 LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE sparkctl_date_part_name(part)
        WHEN 'day' THEN (b::date - a::date)::int8
        WHEN 'year' THEN (sparkctl_pg_date_part('year', b) - sparkctl_pg_date_part('year', a))::int8
        WHEN 'month' THEN ((sparkctl_pg_date_part('year', b) - sparkctl_pg_date_part('year', a)) * 12
                           + sparkctl_pg_date_part('month', b) - sparkctl_pg_date_part('month', a))::int8
        WHEN 'quarter' THEN ((sparkctl_pg_date_part('year', b) - sparkctl_pg_date_part('year', a)) * 4
                             + sparkctl_pg_date_part('quarter', b) - sparkctl_pg_date_part('quarter', a))::int8
        -- weeks begin on Sunday
        WHEN 'week' THEN (floor((b::date - date '2000-01-02') / 7.0) - floor((a::date - date '2000-01-02') / 7.0))::int8
        WHEN 'hour' THEN (sparkctl_pg_date_part('epoch', date_trunc('hour', b) - date_trunc('hour', a)) / 3600)::int8
        WHEN 'minute' THEN (sparkctl_pg_date_part('epoch', date_trunc('minute', b) - date_trunc('minute', a)) / 60)::int8
        WHEN 'second' THEN sparkctl_pg_date_part('epoch', date_trunc('second', b) - date_trunc('second', a))::int8
        WHEN 'epoch' THEN sparkctl_pg_date_part('epoch', date_trunc('second', b) - date_trunc('second', a))::int8
        WHEN 'millisecond'
            THEN (sparkctl_pg_date_part('epoch', date_trunc('milliseconds', b) - date_trunc('milliseconds', a)) * 1000)::int8
        WHEN 'microsecond' THEN (sparkctl_pg_date_part('epoch', b - a) * 1000000)::int8
        WHEN 'decade' THEN pg_catalog.extract('decade', b)::int8 - pg_catalog.extract('decade', a)
        WHEN 'century' THEN (sparkctl_pg_date_part('century', b) - sparkctl_pg_date_part('century', a))::int8
        WHEN 'millennium' THEN (sparkctl_pg_date_part('millennium', b) - sparkctl_pg_date_part('millennium', a))::int8
        WHEN 'dow' THEN (b::date - a::date)::int8
        WHEN 'doy' THEN (b::date - a::date)::int8
        ELSE sparkctl_pg_date_part('epoch', pg_sparkctl.no_date_part(part))::int8 END
$$;
CREATE FUNCTION pg_catalog.date_diff(part text, a date, b date) RETURNS int8 LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT date_diff(part, a::timestamp, b::timestamp)
$$;
CREATE FUNCTION pg_catalog.date_diff(part text, a timestamptz, b timestamptz) RETURNS int8 LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT date_diff(part, a::timestamp, b::timestamp)
$$;
CREATE FUNCTION pg_catalog.date_diff(part text, a time, b time) RETURNS int8 LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT date_diff(part, timestamp '1970-01-01' + a, timestamp '1970-01-01' + b)
$$;
-- Times of day with a zone are first brought to UTC, where they may lie on the day before or after.
CREATE FUNCTION pg_catalog.date_diff(part text, a timetz, b timetz) RETURNS int8 LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT date_diff(part, timestamp '1970-01-01' + (a AT TIME ZONE 'UTC')::time,
                     timestamp '1970-01-01' + (b AT TIME ZONE 'UTC')::time)
$$;
CREATE FUNCTION pg_catalog.date_diff(part text, a text, b text) RETURNS int8 LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT date_diff(part, a::timestamp, b::timestamp)
$$;

CREATE FUNCTION pg_catalog.last_day(t timestamp) RETURNS date LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT (date_trunc('month', t) + interval '1 month - 1 day')::date
$$;
CREATE FUNCTION pg_catalog.last_day(t date) RETURNS date LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT last_day(t::timestamp)
$$;
CREATE FUNCTION pg_catalog.last_day(t text) RETURNS date LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT last_day(t::timestamp)
$$;
-- Two last days, or the same day of the month, are whole months apart; else days are thirty-firsts.
CREATE FUNCTION pg_catalog.months_between(a timestamp, b timestamp) RETURNS float8 LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT date_diff('month', b, a)::float8
         + CASE WHEN sparkctl_pg_date_part('day', a) = sparkctl_pg_date_part('day', b)
                  OR (a::date = last_day(a) AND b::date = last_day(b)) THEN 0
                ELSE (sparkctl_pg_date_part('day', a) - sparkctl_pg_date_part('day', b)
                      + (sparkctl_pg_date_part('epoch', a::time) - sparkctl_pg_date_part('epoch', b::time)) / 86400) / 31 END
$$;
CREATE FUNCTION pg_catalog.months_between(a date, b date) RETURNS float8 LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT months_between(a::timestamp, b::timestamp)
$$;
CREATE FUNCTION pg_catalog.months_between(a text, b text) RETURNS float8 LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT months_between(a::timestamp, b::timestamp)
$$;

CREATE FUNCTION pg_sparkctl.day_number(day text) RETURNS int4 LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    n int4 := CASE WHEN lower(day) IN ('su', 'sun', 'sunday') THEN 0 WHEN lower(day) IN ('m', 'mo', 'mon', 'monday') THEN 1
        WHEN lower(day) IN ('tu', 'tue', 'tues', 'tuesday') THEN 2 WHEN lower(day) IN ('w', 'we', 'wed', 'wednesday') THEN 3
        WHEN lower(day) IN ('th', 'thu', 'thurs', 'thursday') THEN 4 WHEN lower(day) IN ('f', 'fr', 'fri', 'friday') THEN 5
        WHEN lower(day) IN ('sa', 'sat', 'saturday') THEN 6 END;
BEGIN
    IF n IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = 'Invalid day of week: ' || day;
    END IF;
    RETURN n;
END $$;
CREATE FUNCTION pg_catalog.next_day(t date, day text) RETURNS date LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT t + (7 + pg_sparkctl.day_number(day) - pg_catalog.extract('dow', t) - 1) % 7 + 1
$$;
CREATE FUNCTION pg_catalog.next_day(t timestamp, day text) RETURNS date LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT next_day(t::date, day)
$$;
CREATE FUNCTION pg_catalog.next_day(t text, day text) RETURNS date LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT next_day(t::date, day)
$$;

CREATE FUNCTION pg_catalog.convert_timezone(source text, target text, t timestamp) RETURNS timestamp
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT (t AT TIME ZONE source) AT TIME ZONE target
$$;
CREATE FUNCTION pg_catalog.convert_timezone(target text, t timestamp) RETURNS timestamp LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT (t AT TIME ZONE 'UTC') AT TIME ZONE target
$$;
CREATE FUNCTION pg_catalog.convert_timezone(source text, target text, t timestamptz) RETURNS timestamp
    LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT (t::timestamp AT TIME ZONE source) AT TIME ZONE target
$$;
CREATE FUNCTION pg_catalog.convert_timezone(target text, t timestamptz) RETURNS timestamp LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT t AT TIME ZONE target
$$;
CREATE FUNCTION pg_catalog.trunc(t timestamp) RETURNS date LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT t::date
$$;
CREATE FUNCTION pg_catalog.trunc(t timestamptz) RETURNS date LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT t::date
$$;
CREATE FUNCTION pg_catalog.trunc(t date) RETURNS date LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT t
$$;

-- TO_DATE and TO_TIMESTAMP take days and months that do not exist, such as 31 June, as so many days after the first; with
-- a third argument that is true they are errors.
UPDATE pg_catalog.pg_proc SET proname = 'sparkctl_pg_' || proname
 WHERE oid < 16384 AND pronamespace = 'pg_catalog'::regnamespace AND proname IN ('to_date', 'to_timestamp')
   AND proargtypes = '25 25'::oidvector;
CREATE FUNCTION pg_sparkctl.roll_over(s text, format text) RETURNS timestamp LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE AS $$
DECLARE
    at_s int4 := 1;
    at_f int4 := 1;
    field text;
    digits text;
    n jsonb := '{"YYYY": 1, "MM": 1, "DD": 1, "HH": 0, "MI": 0, "SS": 0}'::jsonb;
BEGIN
    WHILE at_f <= length(format) LOOP
        field := substring(upper(substr(format, at_f)) FROM '^(YYYY|MM|MI|DD|HH24|HH12|HH|SS)');
        IF field IS NULL THEN
            at_f := at_f + 1;
            at_s := at_s + 1;
            CONTINUE;
        END IF;
        digits := substring(substr(s, at_s, CASE field WHEN 'YYYY' THEN 4 ELSE 2 END) FROM '^[0-9]+');
        EXIT WHEN digits IS NULL;
        n := n || jsonb_build_object(left(field, CASE field WHEN 'YYYY' THEN 4 ELSE 2 END), digits::int4);
        at_s := at_s + length(digits);
        at_f := at_f + length(field);
    END LOOP;
    RETURN make_timestamp((n->>'YYYY')::int4, 1, 1, 0, 0, 0) + ((n->>'MM')::int4 - 1) * interval '1 month'
           + ((n->>'DD')::int4 - 1) * interval '1 day' + (n->>'HH')::int4 * interval '1 hour'
           + (n->>'MI')::int4 * interval '1 minute' + (n->>'SS')::int4 * interval '1 second';
END $$;
CREATE FUNCTION pg_catalog.to_date(s text, format text) RETURNS date LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE AS $$
BEGIN
    RETURN sparkctl_pg_to_date(s, format);
EXCEPTION WHEN datetime_field_overflow THEN
    RETURN pg_sparkctl.roll_over(s, format)::date;
END $$;
CREATE FUNCTION pg_catalog.to_timestamp(s text, format text) RETURNS timestamptz LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE AS $$
BEGIN
    RETURN sparkctl_pg_to_timestamp(s, format);
EXCEPTION WHEN datetime_field_overflow THEN
    RETURN pg_sparkctl.roll_over(s, format)::timestamptz;
END $$;
CREATE FUNCTION pg_catalog.to_date(s text, format text, is_strict bool) RETURNS date LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN is_strict THEN sparkctl_pg_to_date(s, format) ELSE to_date(s, format) END
$$;
CREATE FUNCTION pg_catalog.to_timestamp(s text, format text, is_strict bool) RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN is_strict THEN sparkctl_pg_to_timestamp(s, format) ELSE to_timestamp(s, format) END
$$;
CREATE FUNCTION pg_catalog.to_timestamp(t timestamp, format text) RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT to_timestamp(t::text, format)
$$;
