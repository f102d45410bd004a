-- request_run
UPDATE orgraph_internal.account AS a
SET requested_at = coalesce(a.requested_at, clock_timestamp())
WHERE a.account_id = $1 AND a.state IN ('pending', 'initializing', 'active', 'degraded', 'failing')
