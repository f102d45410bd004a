-- select_relationships
SELECT k.ordinal, r.from_key, r.to_key, r.discriminator, r.properties
FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY AS k(from_type, verb, to_type, ordinal)
JOIN orgraph_internal.relationship_type AS t
  ON t.from_type = k.from_type AND t.verb = k.verb AND t.to_type = k.to_type
JOIN orgraph_internal.relationship AS r ON r.rel_type = t.rel_type
LEFT JOIN orgraph_internal.partition AS p ON p.partition_id = r.partition_id
WHERE $4::text[] IS NULL OR p.account_id = ANY($4)
ORDER BY k.ordinal, r.from_key, r.to_key, r.discriminator
