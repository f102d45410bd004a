-- read_relationship_types
SELECT u.ordinal, t.rel_type
FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY AS u(from_type, verb, to_type, ordinal)
JOIN orgraph_internal.relationship_type AS t
  ON t.from_type = u.from_type AND t.verb = u.verb AND t.to_type = u.to_type
