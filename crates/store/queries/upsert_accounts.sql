-- upsert_accounts
INSERT INTO orgraph_internal.account AS a
  (account_id, origin, name, email, org_arn, org_status, management, state, state_reason, first_seen, left_at,
   next_due_at)
SELECT
  u.account_id, $1, u.name, u.email, u.org_arn, u.org_status, u.management, u.state, u.state_reason,
  clock_timestamp(), CASE WHEN u.state = 'left' THEN clock_timestamp() END, u.first_due_at
FROM unnest(
  $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bool[], $8::text[], $9::text[], $10::timestamptz[]
) AS u(account_id, name, email, org_arn, org_status, management, state, state_reason, first_due_at)
ON CONFLICT (account_id) DO UPDATE
SET
  origin = CASE WHEN a.origin = 'organization' AND a.state <> 'left' THEN a.origin ELSE excluded.origin END,
  name = coalesce(excluded.name, a.name),
  email = coalesce(excluded.email, a.email),
  org_arn = coalesce(excluded.org_arn, a.org_arn),
  org_status = coalesce(excluded.org_status, a.org_status),
  management = excluded.management,
  state = excluded.state,
  state_reason = CASE WHEN excluded.state = a.state AND excluded.state_reason IS NULL THEN a.state_reason ELSE excluded.state_reason END,
  left_at = CASE WHEN excluded.state = 'left' THEN coalesce(a.left_at, excluded.left_at) END,
  closed_at = CASE WHEN excluded.state = 'left' THEN a.closed_at END,
  next_due_at = CASE
    WHEN a.state IN ('suspended', 'skipped', 'excluded', 'left') AND excluded.state = 'pending' THEN excluded.next_due_at
    ELSE a.next_due_at
  END
WHERE (a.origin, a.name, a.email, a.org_arn, a.org_status, a.management, a.state, a.state_reason)
  IS DISTINCT FROM (
    CASE WHEN a.origin = 'organization' AND a.state <> 'left' THEN a.origin ELSE excluded.origin END,
    coalesce(excluded.name, a.name),
    coalesce(excluded.email, a.email),
    coalesce(excluded.org_arn, a.org_arn),
    coalesce(excluded.org_status, a.org_status),
    excluded.management,
    excluded.state,
    CASE WHEN excluded.state = a.state AND excluded.state_reason IS NULL THEN a.state_reason ELSE excluded.state_reason END
  )
