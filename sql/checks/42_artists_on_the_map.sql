-- purpose: latitude and longitude come together and lie on the globe
-- table: artists
-- severity: warn
SELECT artist_id, latitude, longitude
FROM artists
WHERE (latitude IS NULL AND longitude IS NOT NULL)
   OR (latitude IS NOT NULL AND longitude IS NULL)
   OR latitude NOT BETWEEN -90 AND 90
   OR longitude NOT BETWEEN -180 AND 180;
