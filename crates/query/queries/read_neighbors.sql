-- read_neighbors
-- Keys are compared byte by byte, so that pages follow each other in the same order whatever the collation.
WITH related AS (
  SELECT
    s.from_key || '|' || t._class || '|' || s.to_key
      || CASE WHEN s.discriminator = '' THEN '' ELSE '|' || s.discriminator END AS _key,
    t._type, t._class, s.from_key, s.to_key, s.properties, s.far_id,
    CASE WHEN s.forward THEN s.to_key ELSE s.from_key END AS other_key,
    CASE WHEN s.forward THEN t.to_type ELSE t.from_type END AS other_type
  FROM orgraph.step AS s
  JOIN orgraph.relationship_type AS t ON t.rel_type = s.rel_type
  WHERE s.near_id = orgraph.entity_id($1)
    AND ($2::boolean IS NULL OR s.forward = $2)
    AND ($3::text[] IS NULL OR t._class = ANY ($3))
),
page AS (
  SELECT r._key, r._type, r._class, r.from_key, r.to_key, r.properties, r.far_id, r.other_key, r.other_type
  FROM related AS r
  WHERE ($4::text[] IS NULL OR r.other_type = ANY ($4))
    AND ($5::text IS NULL OR r._key COLLATE "C" > $5)
  ORDER BY r._key COLLATE "C"
  LIMIT $6
)
SELECT
  p._key AS relationship_key, p._type AS relationship_type, p._class AS verb, p.from_key, p.to_key,
  coalesce(p.properties, '{}'::jsonb) AS relationship_properties, p.other_key AS entity_key,
  coalesce(e._type, p.other_type) AS entity_type, e._id IS NOT NULL AS stored, e.account_id, e.region, e.display_name
FROM page AS p
LEFT JOIN orgraph.entity AS e ON e._id = p.far_id
ORDER BY p._key COLLATE "C"
