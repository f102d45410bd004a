-- lock_discovery
INSERT INTO orgraph_internal.discovery AS d (origin, last_attempt_at, last_complete_at)
VALUES ($1, $2, CASE WHEN $3 THEN $2::timestamptz END)
ON CONFLICT (origin) DO UPDATE
SET
  last_attempt_at = excluded.last_attempt_at,
  last_complete_at = coalesce(excluded.last_complete_at, d.last_complete_at)
RETURNING d.held_since, d.held_accounts
