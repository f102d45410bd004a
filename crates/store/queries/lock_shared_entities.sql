-- lock_shared_entities
INSERT INTO orgraph_internal.shared_entity AS s (id)
SELECT w.id
FROM (
  SELECT u.id FROM unnest($1::uuid[]) AS u(id)
  UNION
  SELECT k.id FROM orgraph_internal.shared_entity AS k WHERE k.id = ANY($2::uuid[])
) AS w
ORDER BY w.id
ON CONFLICT (id) DO UPDATE SET id = excluded.id
RETURNING s.id, s.last_written_at
