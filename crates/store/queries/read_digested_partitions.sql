-- read_digested_partitions
SELECT p.partition_id, p.account_id || '/' || p.region || '/' || p.collector
FROM orgraph_internal.partition AS p
WHERE p.digest IS NOT NULL
ORDER BY p.account_id, p.region, p.collector
