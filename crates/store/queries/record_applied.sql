-- record_applied
UPDATE orgraph_internal.partition AS p
SET
  status = $2,
  reason = $3,
  calls = $4,
  duration_ms = $5,
  last_started_at = $6,
  gaps_digest = $7,
  digest = $8,
  entities = $9,
  relationships = $10,
  is_held = $12,
  seq = p.seq + 1,
  failures = 0,
  last_attempt_at = clock_timestamp(),
  last_written_at = coalesce($11, p.last_written_at),
  last_complete_at = CASE WHEN $2 = 'complete' THEN greatest(clock_timestamp(), $11) ELSE p.last_complete_at END
WHERE p.partition_id = $1
