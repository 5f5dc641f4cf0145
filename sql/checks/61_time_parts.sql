-- purpose: the calendar parts are those of the moment
-- table: time
-- severity: error
SELECT start_time, hour, day, month, year
FROM time
WHERE hour <> EXTRACT(hour FROM start_time)
   OR day <> EXTRACT(day FROM start_time)
   OR month <> EXTRACT(month FROM start_time)
   OR year <> EXTRACT(year FROM start_time)
   OR weekday NOT BETWEEN 0 AND 6;
