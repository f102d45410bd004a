-- read_shared_stamps
SELECT
  e.type,
  bit_xor(uuid_hash_extended(e.content_hash, uuid_hash_extended(e.id, 0))) AS low,
  bit_xor(uuid_hash_extended(e.content_hash, uuid_hash_extended(e.id, 1))) AS high
FROM orgraph_internal.entity AS e
WHERE e.account_id = $1 AND e.partition_id IS NULL AND e.type = ANY($2)
GROUP BY e.type
ORDER BY e.type
