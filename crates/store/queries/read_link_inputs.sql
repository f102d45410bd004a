-- read_link_inputs
-- What the linkers of an account last read, where what they gave is what is stored, and how that stands now.
SELECT p.collector, p.status, p.reason, i.input, i.types, i.relationships, k.low, k.high
FROM orgraph_internal.partition AS p
JOIN orgraph_internal.link_input AS i ON i.partition_id = p.partition_id
CROSS JOIN LATERAL (
  SELECT
    coalesce(bit_xor(uuid_hash_extended(e.content_hash, uuid_hash_extended(e.id, 0))), 0) AS low,
    coalesce(bit_xor(uuid_hash_extended(e.content_hash, uuid_hash_extended(e.id, 1))), 0) AS high
  FROM orgraph_internal.entity AS e
  WHERE e.id = ANY(i.keys)
) AS k
WHERE p.account_id = $1
  AND p.digest = i.output
  AND NOT p.is_held
  AND (p.seq + 1) % $2 <> 0
