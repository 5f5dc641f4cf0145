-- purpose: at least one play is found in the song catalogue
-- table: songplays
-- severity: warn
SELECT 'no play matches a song' AS problem
FROM (SELECT COUNT(song_id) AS matched FROM songplays) AS counted
WHERE matched = 0;
