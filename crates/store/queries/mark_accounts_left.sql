-- mark_accounts_left
UPDATE orgraph_internal.account AS a
SET state = 'left', state_reason = 'no longer listed', left_at = clock_timestamp()
WHERE a.account_id = ANY($1) AND a.state <> 'left'
