-- read_gaps
SELECT p.account_id, p.region, p.collector, g.key, g.properties, g.reason
FROM orgraph_internal.gap AS g
JOIN orgraph_internal.partition AS p ON p.partition_id = g.partition_id
ORDER BY p.account_id, p.region, p.collector, g.ordinal
