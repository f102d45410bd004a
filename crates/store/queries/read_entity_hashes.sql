-- read_entity_hashes
SELECT e.id, e.content_hash, true AS is_own
FROM orgraph_internal.entity AS e
WHERE e.partition_id = $1
UNION ALL
SELECT c.entity_id, c.content_hash, false AS is_own
FROM orgraph_internal.contribution AS c
WHERE c.partition_id = $1
