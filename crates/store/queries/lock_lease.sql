-- lock_lease
SELECT l.epoch, l.token, l.holder, greatest(l.expires_at, 'epoch'), clock_timestamp()
FROM orgraph_internal.account_lease AS l
WHERE l.account_id = $1
FOR UPDATE
