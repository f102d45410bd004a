-- read_entities_by_id
SELECT e.key, e.type, e.account_id, e.region, e.name, e.display_name, e.placeholder, e.properties, e.tags
FROM orgraph_internal.entity AS e
WHERE e.id = ANY($1)
ORDER BY e.key
