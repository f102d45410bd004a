-- record_unchanged
UPDATE orgraph_internal.partition AS p
SET
  status = $2,
  reason = $3,
  calls = $4,
  duration_ms = $5,
  last_started_at = $6,
  gaps_digest = $7,
  seq = p.seq + 1,
  failures = 0,
  last_attempt_at = clock_timestamp(),
  last_complete_at = CASE WHEN $2 = 'complete' THEN clock_timestamp() ELSE p.last_complete_at END
WHERE p.partition_id = $1
