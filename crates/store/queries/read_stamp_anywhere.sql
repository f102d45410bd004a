-- read_stamp_anywhere
-- One hash over all partitions of some collectors, and over the entities of some types that no partition owns.
WITH hashed AS (
  SELECT uuid_hash_extended(p.digest, p.partition_id) AS low, uuid_hash_extended(p.digest, -p.partition_id) AS high
  FROM orgraph_internal.partition AS p
  WHERE p.collector = ANY($1) AND p.digest IS NOT NULL
  UNION ALL
  SELECT
    uuid_hash_extended(e.content_hash, uuid_hash_extended(e.id, 0)),
    uuid_hash_extended(e.content_hash, uuid_hash_extended(e.id, 1))
  FROM orgraph_internal.entity AS e
  WHERE e.type = ANY($2) AND e.partition_id IS NULL
)
SELECT coalesce(bit_xor(h.low), 0) AS low, coalesce(bit_xor(h.high), 0) AS high
FROM hashed AS h
