-- copy_relationships
COPY orgraph_internal.relationship
  (from_id, to_id, rel_type, partition_id, content_hash, first_seen, valid_from, discriminator, from_key, to_key,
   properties)
FROM STDIN
