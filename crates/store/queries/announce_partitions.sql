-- announce_partitions
INSERT INTO orgraph_internal.partition (account_id, region, collector)
SELECT $1, u.region, u.collector
FROM unnest($2::text[], $3::text[]) AS u(region, collector)
WHERE NOT EXISTS (
  SELECT 1 FROM orgraph_internal.partition AS p
  WHERE p.account_id = $1 AND p.region = u.region AND p.collector = u.collector
)
ORDER BY u.region, u.collector
ON CONFLICT (account_id, region, collector) DO NOTHING
