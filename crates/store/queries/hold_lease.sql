-- hold_lease
-- Many transactions of one run hold this at once, and renewing does not wait for them; claiming does.
SELECT l.epoch, l.token, l.holder, greatest(l.expires_at, 'epoch'), clock_timestamp()
FROM orgraph_internal.account_lease AS l
WHERE l.account_id = $1
FOR KEY SHARE
