-- read_entity
SELECT
  e._key AS key, e._type AS entity_type, e._class AS class, e._source AS source, e.account_id, e.region, e.name,
  e.display_name, e.properties, e.tags, e.first_seen, e.valid_from, e.last_seen
FROM orgraph.entity AS e
WHERE e._id = orgraph.entity_id($1)
