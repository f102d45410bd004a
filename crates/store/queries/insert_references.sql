-- insert_references
INSERT INTO orgraph_internal.reference
  (partition_id, content_hash, from_id, from_key, from_type, verb, to_type, property, value, reversed, any_region,
   properties)
SELECT
  $1, u.content_hash, u.from_id, u.from_key, u.from_type, u.verb, u.to_type, u.property, u.value, u.reversed,
  u.any_region, u.properties
FROM unnest(
  $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::bool[],
  $11::bool[], $12::jsonb[]
) AS u(content_hash, from_id, from_key, from_type, verb, to_type, property, value, reversed, any_region, properties)
