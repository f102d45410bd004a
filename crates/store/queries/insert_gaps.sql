-- insert_gaps
INSERT INTO orgraph_internal.gap (partition_id, ordinal, kind, key, operation, properties, status, reason, since)
SELECT
  $1, $3 + u.ordinal, u.kind, u.key, u.operation,
  ARRAY(SELECT jsonb_array_elements_text(u.properties)),
  u.status, u.reason, $2
FROM unnest($4::text[], $5::text[], $6::text[], $7::jsonb[], $8::text[], $9::text[])
  WITH ORDINALITY AS u(kind, key, operation, properties, status, reason, ordinal)
