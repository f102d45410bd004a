-- release_lease
UPDATE orgraph_internal.account_lease AS l
SET expires_at = '-infinity'
WHERE l.account_id = $1 AND l.epoch = $2 AND l.token = $3
