-- read_accounts
SELECT
  a.account_id, a.name, a.state, a.state_reason, a.management, a.entities, a.relationships, a.first_seen,
  a.last_run_started_at, a.last_run_finished_at, a.next_due_at
FROM orgraph.account AS a
WHERE $1::text IS NULL OR a.account_id COLLATE "C" > $1
ORDER BY a.account_id COLLATE "C"
LIMIT $2
