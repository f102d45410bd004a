-- upsert_relationships
INSERT INTO orgraph_internal.relationship AS r
  (from_id, to_id, rel_type, partition_id, content_hash, first_seen, valid_from, discriminator, from_key, to_key,
   properties)
SELECT
  u.from_id, u.to_id, u.rel_type, $1, u.content_hash, $2, $2, u.discriminator, u.from_key, u.to_key, u.properties
FROM unnest(
  $3::uuid[], $4::smallint[], $5::uuid[], $6::text[], $7::uuid[], $8::text[], $9::text[], $10::jsonb[]
) AS u(from_id, rel_type, to_id, discriminator, content_hash, from_key, to_key, properties)
ON CONFLICT (from_id, rel_type, to_id, discriminator) DO UPDATE
SET
  content_hash = excluded.content_hash,
  valid_from = excluded.valid_from,
  properties = excluded.properties
WHERE r.partition_id = excluded.partition_id
RETURNING r.from_id, r.rel_type, r.to_id, r.discriminator
