-- upsert_contributions
INSERT INTO orgraph_internal.contribution AS c
  (entity_id, partition_id, placeholder, type, class, account_id, region, key, name, display_name, content_hash,
   volatile, properties, tags)
SELECT
  u.id, $1, u.placeholder, u.type, string_to_array(u.class, ','), u.account_id, u.region, u.key, u.name,
  u.display_name, u.content_hash, string_to_array(u.volatile, ','), u.properties, u.tags
FROM unnest(
  $2::uuid[], $3::bool[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[],
  $11::uuid[], $12::text[], $13::jsonb[], $14::jsonb[]
) AS u(id, placeholder, type, class, account_id, region, key, name, display_name, content_hash, volatile, properties, tags)
ON CONFLICT (entity_id, partition_id) DO UPDATE
SET
  placeholder = excluded.placeholder,
  type = excluded.type,
  class = excluded.class,
  account_id = excluded.account_id,
  region = excluded.region,
  key = excluded.key,
  name = excluded.name,
  display_name = excluded.display_name,
  content_hash = excluded.content_hash,
  volatile = excluded.volatile,
  properties = excluded.properties,
  tags = excluded.tags
