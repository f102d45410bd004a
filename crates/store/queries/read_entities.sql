-- read_entities
SELECT e.key, e.type, e.account_id, e.region, e.name, e.display_name, e.placeholder, e.properties, e.tags
FROM orgraph_internal.entity AS e
WHERE e.account_id = $1 AND e.type = ANY($2)
ORDER BY e.key
