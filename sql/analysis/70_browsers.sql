-- purpose: with which browsers do people listen
-- inputs: songplays
-- chart: bar x=browser y=plays
SELECT CASE
           WHEN user_agent IS NULL OR user_agent = '' THEN 'unknown'
           WHEN user_agent LIKE '%MSIE%' OR user_agent LIKE '%Trident/%' THEN 'Internet Explorer'
           WHEN user_agent LIKE '%Firefox/%' THEN 'Firefox'
           WHEN user_agent LIKE '%Chrome/%' THEN 'Chrome'
           WHEN user_agent LIKE '%Safari/%' THEN 'Safari'
           ELSE 'other'
       END AS browser,
       COUNT(*) AS plays, COUNT(DISTINCT user_id) AS listeners
FROM songplays
GROUP BY 1
ORDER BY plays DESC, browser;
