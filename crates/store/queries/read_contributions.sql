-- read_contributions
SELECT
  c.entity_id, c.placeholder, c.type, c.class, c.account_id, c.region, c.key, c.name, c.display_name, c.volatile,
  c.properties, c.tags,
  p.account_id AS by_account, p.region AS by_region, p.collector AS by_collector
FROM orgraph_internal.contribution AS c
JOIN orgraph_internal.partition AS p ON p.partition_id = c.partition_id
WHERE c.entity_id = ANY($1)
