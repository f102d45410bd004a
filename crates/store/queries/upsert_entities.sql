-- upsert_entities
INSERT INTO orgraph_internal.entity AS e
  (id, partition_id, placeholder, type, class, account_id, region, key, name, display_name, content_hash,
   first_seen, valid_from, properties, tags)
SELECT
  u.id, $1, false, u.type, string_to_array(u.class, ','), u.account_id, u.region, u.key, u.name, u.display_name,
  u.content_hash, $2, $2, u.properties, u.tags
FROM unnest(
  $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::uuid[],
  $12::jsonb[], $13::jsonb[]
) AS u(id, type, class, account_id, region, key, name, display_name, content_hash, properties, tags)
ON CONFLICT (id) DO UPDATE
SET
  partition_id = excluded.partition_id,
  placeholder = excluded.placeholder,
  type = excluded.type,
  class = excluded.class,
  account_id = excluded.account_id,
  region = excluded.region,
  key = excluded.key,
  name = excluded.name,
  display_name = excluded.display_name,
  content_hash = excluded.content_hash,
  valid_from = excluded.valid_from,
  properties = excluded.properties,
  tags = excluded.tags
WHERE e.partition_id = excluded.partition_id OR (e.partition_id IS NULL AND e.placeholder)
RETURNING e.id
