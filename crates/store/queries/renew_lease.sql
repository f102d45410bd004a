-- renew_lease
UPDATE orgraph_internal.account_lease AS l
SET expires_at = clock_timestamp() + make_interval(secs => $4)
WHERE l.account_id = $1 AND l.epoch = $2 AND l.token = $3
RETURNING l.expires_at
