-- record_attempt
UPDATE orgraph_internal.partition AS p
SET
  status = $2,
  reason = $3,
  calls = $4,
  duration_ms = $5,
  last_started_at = $6,
  gaps_digest = $7,
  failures = p.failures + 1,
  last_attempt_at = clock_timestamp()
WHERE p.partition_id = $1
