-- read_stamp_of_keys
SELECT
  coalesce(bit_xor(uuid_hash_extended(e.content_hash, uuid_hash_extended(e.id, 0))), 0) AS low,
  coalesce(bit_xor(uuid_hash_extended(e.content_hash, uuid_hash_extended(e.id, 1))), 0) AS high
FROM orgraph_internal.entity AS e
WHERE e.id = ANY($1)
