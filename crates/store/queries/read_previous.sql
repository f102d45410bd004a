-- read_previous
SELECT e.id, e.name, e.display_name, e.properties, e.tags
FROM orgraph_internal.entity AS e
WHERE e.partition_id = $1 AND e.id = ANY($2)
UNION ALL
SELECT c.entity_id, c.name, c.display_name, c.properties, c.tags
FROM orgraph_internal.contribution AS c
WHERE c.partition_id = $1 AND c.entity_id = ANY($2)
