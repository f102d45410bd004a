-- number_relationship_types
WITH wanted AS (
  SELECT u.from_type, u.verb, u.to_type, u.ordinal
  FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY AS u(from_type, verb, to_type, ordinal)
),
numbered AS (
  INSERT INTO orgraph_internal.relationship_type (from_type, verb, to_type, name)
  SELECT
    w.from_type, w.verb, w.to_type,
    w.from_type || '_' || lower(w.verb) || '_' || regexp_replace(w.to_type, '^aws_', '')
  FROM wanted AS w
  WHERE NOT EXISTS (
    SELECT 1 FROM orgraph_internal.relationship_type AS t
    WHERE t.from_type = w.from_type AND t.verb = w.verb AND t.to_type = w.to_type
  )
  ORDER BY w.from_type, w.verb, w.to_type
  ON CONFLICT (from_type, verb, to_type) DO NOTHING
  RETURNING from_type, verb, to_type, rel_type
)
SELECT w.ordinal, n.rel_type
FROM numbered AS n
JOIN wanted AS w ON w.from_type = n.from_type AND w.verb = n.verb AND w.to_type = n.to_type
