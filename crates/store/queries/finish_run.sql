-- finish_run
UPDATE orgraph_internal.account AS a
SET
  last_run_finished_at = clock_timestamp(),
  state = CASE WHEN a.state IN ('pending', 'initializing', 'active', 'degraded', 'failing') THEN $2 ELSE a.state END,
  state_reason = CASE
    WHEN a.state IN ('pending', 'initializing', 'active', 'degraded', 'failing') THEN $3
    ELSE a.state_reason
  END,
  next_due_at = $4,
  cool_down_until = $5,
  requested_at = CASE WHEN a.requested_at > a.last_run_started_at THEN a.requested_at END
WHERE a.account_id = $1
