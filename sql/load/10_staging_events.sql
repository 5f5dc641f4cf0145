-- purpose: load the event files
-- inputs: :log_data, mapped by the JSONPaths file :log_jsonpath
-- grain: one row per event
-- table: staging_events
-- staging: yes
-- mode: replace
-- COMPUPDATE OFF: a table that is rewritten by each run does not repay the sampling that chooses encodings.
COPY staging_events
FROM :log_data
IAM_ROLE :role_arn
REGION :s3_region
FORMAT AS JSON :log_jsonpath
COMPUPDATE OFF;
