-- read_coverage
SELECT
  c.account_id, c.region, c.collector, c.status, c.reason, c.last_attempt_at, c.last_complete_at,
  c.entities::bigint AS entities, c.relationships::bigint AS relationships, c.held_since
FROM orgraph.coverage AS c
WHERE ($1::text IS NULL OR c.account_id = $1)
  AND (NOT $2::boolean OR c.status NOT IN ('complete', 'region_disabled', 'unsupported'))
  AND ($3::text IS NULL OR (c.account_id COLLATE "C", c.region COLLATE "C", c.collector COLLATE "C") > ($3, $4, $5))
ORDER BY c.account_id COLLATE "C", c.region COLLATE "C", c.collector COLLATE "C"
LIMIT $6
