-- copy_entities
COPY orgraph_internal.entity
  (id, partition_id, placeholder, type, class, account_id, region, key, name, display_name, content_hash,
   first_seen, valid_from, properties, tags)
FROM STDIN
