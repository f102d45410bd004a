-- find_relationships
WITH kind AS (
  SELECT t.rel_type
  FROM orgraph_internal.relationship_type AS t
  WHERE t.from_type = $1 AND t.verb = $2 AND t.to_type = $3
),
touched AS (
  SELECT e.id
  FROM orgraph_internal.entity AS e
  WHERE e.type IN ($1, $3) AND lower(e.properties ->> $4) IN (SELECT unnest($5::text[]))
),
found AS (
  SELECT r.from_key, r.to_key, r.discriminator, r.properties
  FROM touched
  CROSS JOIN kind
  JOIN orgraph_internal.relationship AS r ON r.from_id = touched.id AND r.rel_type = kind.rel_type
  UNION
  SELECT r.from_key, r.to_key, r.discriminator, r.properties
  FROM touched
  CROSS JOIN kind
  JOIN orgraph_internal.relationship AS r ON r.to_id = touched.id AND r.rel_type = kind.rel_type
)
SELECT f.from_key, f.to_key, f.discriminator, f.properties
FROM found AS f
ORDER BY f.from_key, f.to_key, f.discriminator
