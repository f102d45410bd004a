-- upsert_hold
INSERT INTO orgraph_internal.hold AS h (partition_id, since, reason, row_ids, entities, relationships)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (partition_id) DO UPDATE
SET
  since = excluded.since,
  reason = CASE WHEN h.since = excluded.since THEN h.reason ELSE excluded.reason END,
  row_ids = excluded.row_ids,
  entities = excluded.entities,
  relationships = excluded.relationships
WHERE h.since <> excluded.since OR h.row_ids <> excluded.row_ids
