-- read_entity_names
SELECT
  e.key, e.type, e.account_id, e.region, e.name, e.display_name, e.placeholder, '{}'::jsonb AS properties,
  '{}'::jsonb AS tags
FROM orgraph_internal.entity AS e
WHERE e.account_id = $1 AND e.type = ANY($2)
ORDER BY e.key
