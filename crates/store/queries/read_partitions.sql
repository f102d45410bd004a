-- read_partitions
SELECT
  p.account_id, p.region, p.collector, p.status, p.reason, p.last_attempt_at, p.last_complete_at, p.failures,
  p.entities, p.relationships, p.digest, h.since AS held_since
FROM orgraph_internal.partition AS p
LEFT JOIN orgraph_internal.hold AS h ON h.partition_id = p.partition_id
WHERE $1::text IS NULL OR p.account_id = $1
ORDER BY p.account_id, p.region, p.collector
