-- read_link_parts
SELECT i.part_ids, i.part_inputs
FROM orgraph_internal.partition AS p
JOIN orgraph_internal.link_input AS i ON i.partition_id = p.partition_id
WHERE p.account_id = $1 AND p.region = 'global' AND p.collector = $2 AND p.digest = i.output
