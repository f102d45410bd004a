-- begin_run
UPDATE orgraph_internal.account AS a
SET
  last_run_started_at = clock_timestamp(),
  state = CASE a.state WHEN 'pending' THEN 'initializing' ELSE a.state END
WHERE a.account_id = $1
