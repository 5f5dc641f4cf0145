-- purpose: the song catalogue is not empty
-- table: staging_songs
-- severity: error
SELECT 'no rows' AS problem
FROM (SELECT COUNT(*) AS loaded FROM staging_songs) AS counted
WHERE loaded = 0;
