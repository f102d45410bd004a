-- number_relationship_types
INSERT INTO orgraph_internal.relationship_type (from_type, verb, to_type, name)
SELECT
  w.from_type, w.verb, w.to_type,
  w.from_type || '_' || lower(w.verb) || '_' || regexp_replace(w.to_type, '^aws_', '')
FROM unnest($1::text[], $2::text[], $3::text[]) AS w(from_type, verb, to_type)
WHERE NOT EXISTS (
  SELECT 1 FROM orgraph_internal.relationship_type AS t
  WHERE t.from_type = w.from_type AND t.verb = w.verb AND t.to_type = w.to_type
)
ORDER BY w.from_type, w.verb, w.to_type
ON CONFLICT (from_type, verb, to_type) DO NOTHING
