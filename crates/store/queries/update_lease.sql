-- update_lease
UPDATE orgraph_internal.account_lease AS l
SET epoch = $2, token = $3, holder = $4, claimed_at = $5, expires_at = $6
WHERE l.account_id = $1
