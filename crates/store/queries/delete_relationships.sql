-- delete_relationships
DELETE FROM orgraph_internal.relationship AS r
USING unnest($2::uuid[], $3::smallint[], $4::uuid[], $5::text[]) AS u(from_id, rel_type, to_id, discriminator)
WHERE r.from_id = u.from_id
  AND r.rel_type = u.rel_type
  AND r.to_id = u.to_id
  AND r.discriminator = u.discriminator
  AND r.partition_id = $1
