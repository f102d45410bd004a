-- select_entities
SELECT
  e.key, e.type, e.account_id, e.region, e.name, e.display_name, e.placeholder,
  coalesce(
    (SELECT jsonb_object_agg(p.key, p.value) FROM jsonb_each(e.properties) AS p WHERE p.key = ANY($3)),
    '{}'::jsonb
  ) AS properties,
  e.tags
FROM orgraph_internal.entity AS e
WHERE e.type = ANY($1) AND ($2::text[] IS NULL OR e.account_id = ANY($2))
ORDER BY e.key
