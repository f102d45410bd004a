-- upsert_link_input
WITH lease AS MATERIALIZED (
  SELECT l.account_id
  FROM orgraph_internal.account_lease AS l
  WHERE l.account_id = $1 AND l.epoch = $2 AND l.token = $3
  FOR KEY SHARE
)
INSERT INTO orgraph_internal.link_input AS i
  (partition_id, input, output, keys, types, relationships, part_ids, part_inputs)
SELECT p.partition_id, $5, p.digest, $6, $7, $8, $9, $10
FROM orgraph_internal.partition AS p
JOIN lease AS l ON l.account_id = p.account_id
WHERE p.region = 'global' AND p.collector = $4 AND p.digest IS NOT NULL AND NOT p.is_held
ON CONFLICT (partition_id) DO UPDATE
SET
  input = excluded.input,
  output = excluded.output,
  keys = excluded.keys,
  types = excluded.types,
  relationships = excluded.relationships,
  part_ids = excluded.part_ids,
  part_inputs = excluded.part_inputs
