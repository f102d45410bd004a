-- confirm_links
-- The runs of linkers that had nothing new to read.
WITH lease AS MATERIALIZED (
  SELECT l.account_id
  FROM orgraph_internal.account_lease AS l
  WHERE l.account_id = $1 AND l.epoch = $2 AND l.token = $3
  FOR KEY SHARE
)
UPDATE orgraph_internal.partition AS p
SET
  last_started_at = least($5, clock_timestamp()),
  seq = p.seq + 1,
  failures = 0,
  last_attempt_at = clock_timestamp(),
  last_complete_at = CASE WHEN p.status = 'complete' THEN clock_timestamp() ELSE p.last_complete_at END
FROM lease AS l
WHERE p.account_id = l.account_id AND p.region = 'global' AND p.collector = ANY($4)
