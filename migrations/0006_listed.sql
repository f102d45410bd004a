-- People and foreign domains come from files of the operator, not from AWS.

CREATE OR REPLACE VIEW orgraph_internal.entity_live AS
SELECT
  e.key AS _key,
  e.type AS _type,
  e.class AS _class,
  CASE
    WHEN e.placeholder THEN 'system-mapper'
    WHEN e.type IN ('person', 'domain') THEN 'api'
    ELSE 'integration-managed'
  END AS _source,
  e.account_id,
  e.region,
  e.name,
  e.display_name,
  e.properties,
  e.tags,
  e.first_seen,
  e.valid_from,
  greatest(
    e.valid_from,
    CASE
      WHEN e.partition_id IS NOT NULL THEN
        (SELECT p.last_complete_at FROM orgraph_internal.partition AS p WHERE p.partition_id = e.partition_id)
      ELSE
        (SELECT max(p.last_complete_at)
         FROM orgraph_internal.contribution AS c
         JOIN orgraph_internal.partition AS p ON p.partition_id = c.partition_id
         WHERE c.entity_id = e.id)
    END
  ) AS last_seen
FROM orgraph_internal.entity AS e;

CREATE OR REPLACE VIEW orgraph_internal.entity_version AS
SELECT
  l._key, l._type, l._class, l._source, l.account_id, l.region, l.name, l.display_name, l.properties, l.tags,
  l.first_seen, l.valid_from, l.last_seen, 'infinity'::timestamptz AS valid_to
FROM orgraph_internal.entity_live AS l
UNION ALL
SELECT
  h.key, h.type, h.class,
  CASE
    WHEN h.placeholder THEN 'system-mapper'
    WHEN h.type IN ('person', 'domain') THEN 'api'
    ELSE 'integration-managed'
  END,
  h.account_id, h.region, h.name, h.display_name, h.properties, h.tags,
  h.first_seen, h.valid_from, h.valid_to, h.valid_to
FROM orgraph_internal.entity_history AS h;

COMMENT ON COLUMN orgraph.entity._source IS
  'integration-managed when read from its own account, system-mapper for a placeholder, api when listed by the operator';
