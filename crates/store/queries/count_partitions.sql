-- count_partitions
SELECT
  p.status,
  count(*),
  sum(p.entities)::bigint,
  sum(p.relationships)::bigint,
  count(*) FILTER (WHERE p.is_held),
  min(p.last_complete_at)
FROM orgraph_internal.partition AS p
GROUP BY p.status
