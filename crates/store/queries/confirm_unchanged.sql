-- confirm_unchanged
-- The whole run over a partition whose rows are as stored, in one message. No row: anything at all is different.
WITH lease AS MATERIALIZED (
  SELECT l.account_id
  FROM orgraph_internal.account_lease AS l
  WHERE l.account_id = $1 AND l.epoch = $4 AND l.token = $5
  FOR KEY SHARE
)
UPDATE orgraph_internal.partition AS p
SET
  status = $6,
  reason = $7,
  calls = $8,
  duration_ms = $9,
  last_started_at = least($10, clock_timestamp()),
  seq = p.seq + 1,
  failures = 0,
  last_attempt_at = clock_timestamp(),
  last_complete_at = CASE WHEN $6 = 'complete' THEN clock_timestamp() ELSE p.last_complete_at END
FROM lease AS l
WHERE p.account_id = l.account_id
  AND p.region = $2
  AND p.collector = $3
  AND p.digest = $11
  AND p.gaps_digest IS NOT DISTINCT FROM $12
  AND NOT p.is_held
  AND (p.seq + 1) % $13 <> 0
  AND p.last_started_at <= $10
