-- purpose: load the song files
-- inputs: :song_data, keys matched with column names
-- grain: one row per file
-- table: staging_songs
-- staging: yes
-- mode: replace
COPY staging_songs
FROM :song_data
IAM_ROLE :role_arn
REGION :s3_region
FORMAT AS JSON 'auto'
COMPUPDATE OFF;
