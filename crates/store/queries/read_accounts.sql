-- read_accounts
-- All accounts, or the one named.
SELECT
  a.account_id, a.name, a.org_status, a.management, a.state, a.state_reason,
  coalesce(c.entities, 0) AS entities, coalesce(c.relationships, 0) AS relationships,
  a.first_seen, a.left_at, a.closed_at, a.next_due_at, a.requested_at, a.cool_down_until,
  a.last_run_started_at, a.last_run_finished_at
FROM orgraph_internal.account AS a
LEFT JOIN (
  SELECT p.account_id, sum(p.entities)::bigint AS entities, sum(p.relationships)::bigint AS relationships
  FROM orgraph_internal.partition AS p
  WHERE $1::text IS NULL OR p.account_id = $1
  GROUP BY p.account_id
) AS c ON c.account_id = a.account_id
WHERE $1::text IS NULL OR a.account_id = $1
ORDER BY a.account_id
