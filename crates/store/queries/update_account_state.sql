-- update_account_state
UPDATE orgraph_internal.account AS a
SET
  state = $2,
  state_reason = $3,
  left_at = CASE WHEN $2 = 'left' THEN coalesce(a.left_at, clock_timestamp()) END,
  closed_at = CASE WHEN $2 = 'left' THEN a.closed_at END
WHERE a.account_id = $1
