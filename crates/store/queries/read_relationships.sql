-- read_relationships
SELECT r.from_id, r.rel_type, r.to_id, r.discriminator, r.content_hash
FROM orgraph_internal.relationship AS r
WHERE r.partition_id = $1
