-- What people and programs query. Names and columns are relied on from outside: additive only.

CREATE FUNCTION orgraph.entity_id(key text) RETURNS uuid
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN encode(substring(sha256(convert_to(key, 'UTF8')) FROM 1 FOR 16), 'hex')::uuid;
COMMENT ON FUNCTION orgraph.entity_id(text) IS 'The identity of the entity with this key';

-- Versions, live and closed, with the columns of the public views in front. The functions below are inlined, so that
-- their conditions reach the indexes; the reader may select from these two views but cannot name them.

CREATE VIEW orgraph_internal.entity_live AS
SELECT
  e.key AS _key,
  e.type AS _type,
  e.class AS _class,
  CASE WHEN e.placeholder THEN 'system-mapper' ELSE 'integration-managed' END AS _source,
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

CREATE VIEW orgraph_internal.entity_version AS
SELECT
  l._key, l._type, l._class, l._source, l.account_id, l.region, l.name, l.display_name, l.properties, l.tags,
  l.first_seen, l.valid_from, l.last_seen, 'infinity'::timestamptz AS valid_to
FROM orgraph_internal.entity_live AS l
UNION ALL
SELECT
  h.key, h.type, h.class, CASE WHEN h.placeholder THEN 'system-mapper' ELSE 'integration-managed' END,
  h.account_id, h.region, h.name, h.display_name, h.properties, h.tags,
  h.first_seen, h.valid_from, h.valid_to, h.valid_to
FROM orgraph_internal.entity_history AS h;

CREATE VIEW orgraph_internal.relationship_version AS
SELECT
  r.from_key || '|' || t.verb || '|' || r.to_key
    || CASE WHEN r.discriminator = '' THEN '' ELSE '|' || r.discriminator END AS _key,
  t.name AS _type,
  t.verb AS _class,
  r.from_key,
  t.from_type,
  r.to_key,
  t.to_type,
  coalesce(r.properties, '{}'::jsonb) AS properties,
  r.first_seen,
  r.valid_from,
  greatest(
    r.valid_from,
    (SELECT p.last_complete_at FROM orgraph_internal.partition AS p WHERE p.partition_id = r.partition_id)
  ) AS last_seen,
  'infinity'::timestamptz AS valid_to,
  r.from_id,
  r.to_id
FROM orgraph_internal.relationship AS r
JOIN orgraph_internal.relationship_type AS t ON t.rel_type = r.rel_type
UNION ALL
SELECT
  h.from_key || '|' || t.verb || '|' || h.to_key
    || CASE WHEN h.discriminator = '' THEN '' ELSE '|' || h.discriminator END,
  t.name, t.verb, h.from_key, t.from_type, h.to_key, t.to_type, coalesce(h.properties, '{}'::jsonb),
  h.first_seen, h.valid_from, h.valid_to, h.valid_to, h.from_id, h.to_id
FROM orgraph_internal.relationship_history AS h
JOIN orgraph_internal.relationship_type AS t ON t.rel_type = h.rel_type;

-- When an entity existed, for finding dangling ends in the past.
CREATE VIEW orgraph_internal.entity_lifetime AS
SELECT e.id, e.valid_from, 'infinity'::timestamptz AS valid_to FROM orgraph_internal.entity AS e
UNION ALL
SELECT h.id, h.valid_from, h.valid_to FROM orgraph_internal.entity_history AS h;

CREATE VIEW orgraph.entity AS
SELECT
  l._key, l._type, l._class, l._source, l.account_id, l.region, l.name, l.display_name, l.properties, l.tags,
  l.first_seen, l.valid_from, l.last_seen
FROM orgraph_internal.entity_live AS l;
COMMENT ON VIEW orgraph.entity IS 'Every entity as it is now';
COMMENT ON COLUMN orgraph.entity._key IS 'The ARN where AWS defines one, else {type}:{parent}:{local id}';
COMMENT ON COLUMN orgraph.entity._type IS 'The kind of entity, for instance aws_instance';
COMMENT ON COLUMN orgraph.entity._class IS 'Broad kinds shared by many types, for instance Host';
COMMENT ON COLUMN orgraph.entity._source IS 'integration-managed when read from its own account, system-mapper for a placeholder';
COMMENT ON COLUMN orgraph.entity.properties IS 'What is known: absent means unknown, null means known to have no value';
COMMENT ON COLUMN orgraph.entity.first_seen IS 'When it appeared';
COMMENT ON COLUMN orgraph.entity.valid_from IS 'When it last changed';
COMMENT ON COLUMN orgraph.entity.last_seen IS 'When it was last confirmed by a complete listing';

CREATE VIEW orgraph.relationship AS
SELECT
  r.from_key || '|' || t.verb || '|' || r.to_key
    || CASE WHEN r.discriminator = '' THEN '' ELSE '|' || r.discriminator END AS _key,
  t.name AS _type,
  t.verb AS _class,
  r.from_key,
  t.from_type,
  r.to_key,
  t.to_type,
  f.id IS NULL OR o.id IS NULL AS dangling,
  coalesce(r.properties, '{}'::jsonb) AS properties,
  r.first_seen,
  r.valid_from,
  greatest(r.valid_from, p.last_complete_at) AS last_seen
FROM orgraph_internal.relationship AS r
JOIN orgraph_internal.relationship_type AS t ON t.rel_type = r.rel_type
LEFT JOIN orgraph_internal.partition AS p ON p.partition_id = r.partition_id
LEFT JOIN orgraph_internal.entity AS f ON f.id = r.from_id
LEFT JOIN orgraph_internal.entity AS o ON o.id = r.to_id;
COMMENT ON VIEW orgraph.relationship IS 'Every relationship as it is now';
COMMENT ON COLUMN orgraph.relationship._key IS '{from_key}|{_class}|{to_key}, and |{discriminator} where several are possible';
COMMENT ON COLUMN orgraph.relationship._class IS 'The verb, for instance HAS';
COMMENT ON COLUMN orgraph.relationship.dangling IS 'Whether one of the ends is not stored';

CREATE VIEW orgraph.coverage AS
SELECT
  p.account_id,
  p.region,
  p.collector,
  p.status,
  p.reason,
  p.last_attempt_at,
  p.last_complete_at,
  p.entities,
  p.relationships,
  p.calls,
  p.duration_ms,
  p.failures,
  (SELECT count(*) FROM orgraph_internal.gap AS g WHERE g.partition_id = p.partition_id) AS gaps,
  h.since AS held_since,
  h.reason AS held_reason,
  coalesce(h.entities, 0) AS held_entities,
  coalesce(h.relationships, 0) AS held_relationships
FROM orgraph_internal.partition AS p
LEFT JOIN orgraph_internal.hold AS h ON h.partition_id = p.partition_id;
COMMENT ON VIEW orgraph.coverage IS 'What was read, when, and how it ended: one row per account, region and collector';
COMMENT ON COLUMN orgraph.coverage.status IS 'complete, partial, denied_iam, denied_scp, region_disabled, unsupported, throttled, timeout, expired, failed or never';
COMMENT ON COLUMN orgraph.coverage.last_complete_at IS 'When everything was last seen';
COMMENT ON COLUMN orgraph.coverage.failures IS 'Runs without an answer since the last one with';
COMMENT ON COLUMN orgraph.coverage.held_since IS 'When the listing began whose removals wait for a second one to agree';

CREATE VIEW orgraph.account AS
SELECT
  a.account_id,
  a.name,
  a.email,
  a.org_arn,
  a.org_status,
  a.management,
  a.origin,
  a.state,
  a.state_reason,
  coalesce(c.entities, 0) AS entities,
  coalesce(c.relationships, 0) AS relationships,
  a.first_seen,
  a.left_at,
  a.last_run_started_at,
  a.last_run_finished_at,
  a.next_due_at,
  a.requested_at
FROM orgraph_internal.account AS a
LEFT JOIN (
  SELECT p.account_id, sum(p.entities)::bigint AS entities, sum(p.relationships)::bigint AS relationships
  FROM orgraph_internal.partition AS p
  GROUP BY p.account_id
) AS c ON c.account_id = a.account_id;
COMMENT ON VIEW orgraph.account IS 'Every known account and where it stands';
COMMENT ON COLUMN orgraph.account.state IS 'pending, initializing, active, degraded, failing, suspended, skipped, excluded or left';
COMMENT ON COLUMN orgraph.account.entities IS 'How many entities its runs keep in the graph';

CREATE VIEW orgraph.gap AS
SELECT p.account_id, p.region, p.collector, g.kind, g.key, g.operation, g.properties, g.status, g.reason, g.since
FROM orgraph_internal.gap AS g
JOIN orgraph_internal.partition AS p ON p.partition_id = g.partition_id;
COMMENT ON VIEW orgraph.gap IS 'What the last run of each partition could not learn';
COMMENT ON COLUMN orgraph.gap.properties IS 'The properties that keep their previous values because of it';

CREATE FUNCTION orgraph.entity_at(ts timestamptz)
RETURNS TABLE (
  _key text, _type text, _class text[], _source text, account_id text, region text, name text, display_name text,
  properties jsonb, tags jsonb, first_seen timestamptz, valid_from timestamptz, last_seen timestamptz
)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT
    v._key, v._type, v._class, v._source, v.account_id, v.region, v.name, v.display_name, v.properties, v.tags,
    v.first_seen, v.valid_from, v.last_seen
  FROM orgraph_internal.entity_version AS v
  WHERE v.valid_from <= entity_at.ts AND v.valid_to > entity_at.ts;
END;
COMMENT ON FUNCTION orgraph.entity_at(timestamptz) IS 'Every entity as it was at a time';

CREATE FUNCTION orgraph.relationship_at(ts timestamptz)
RETURNS TABLE (
  _key text, _type text, _class text, from_key text, from_type text, to_key text, to_type text, dangling boolean,
  properties jsonb, first_seen timestamptz, valid_from timestamptz, last_seen timestamptz
)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT
    v._key, v._type, v._class, v.from_key, v.from_type, v.to_key, v.to_type,
    NOT EXISTS (
      SELECT 1 FROM orgraph_internal.entity_lifetime AS f
      WHERE f.id = v.from_id AND f.valid_from <= relationship_at.ts AND f.valid_to > relationship_at.ts
    ) OR NOT EXISTS (
      SELECT 1 FROM orgraph_internal.entity_lifetime AS o
      WHERE o.id = v.to_id AND o.valid_from <= relationship_at.ts AND o.valid_to > relationship_at.ts
    ),
    v.properties, v.first_seen, v.valid_from, v.last_seen
  FROM orgraph_internal.relationship_version AS v
  WHERE v.valid_from <= relationship_at.ts AND v.valid_to > relationship_at.ts;
END;
COMMENT ON FUNCTION orgraph.relationship_at(timestamptz) IS 'Every relationship as it was at a time';

-- One row per thing that changed in the window, however often it did: found by the events inside the window, told by
-- its states at both ends of it.

CREATE VIEW orgraph_internal.entity_state AS
SELECT
  e.id, e.key, e.type, e.first_seen, e.valid_from, 'infinity'::timestamptz AS valid_to, NULL::"char" AS op,
  jsonb_build_object('name', e.name, 'displayName', e.display_name, 'region', e.region, 'properties', e.properties, 'tags', e.tags) AS content
FROM orgraph_internal.entity AS e
UNION ALL
SELECT
  h.id, h.key, h.type, h.first_seen, h.valid_from, h.valid_to, h.op,
  jsonb_build_object('name', h.name, 'displayName', h.display_name, 'region', h.region, 'properties', h.properties, 'tags', h.tags)
FROM orgraph_internal.entity_history AS h;

CREATE VIEW orgraph_internal.relationship_state AS
SELECT
  r.from_id, r.rel_type, r.to_id, r.discriminator, r.from_key, r.to_key, r.first_seen, r.valid_from,
  'infinity'::timestamptz AS valid_to, NULL::"char" AS op,
  jsonb_build_object('properties', coalesce(r.properties, '{}'::jsonb)) AS content
FROM orgraph_internal.relationship AS r
UNION ALL
SELECT
  h.from_id, h.rel_type, h.to_id, h.discriminator, h.from_key, h.to_key, h.first_seen, h.valid_from,
  h.valid_to, h.op, jsonb_build_object('properties', coalesce(h.properties, '{}'::jsonb))
FROM orgraph_internal.relationship_history AS h;

CREATE FUNCTION orgraph.changes("from" timestamptz, "to" timestamptz)
RETURNS TABLE (
  kind text, change text, _key text, _type text, changed_at timestamptz, before jsonb, after jsonb
)
LANGUAGE sql STABLE
BEGIN ATOMIC
  WITH event AS (
    SELECT s.id, s.key, s.type, s.valid_to AS at
    FROM orgraph_internal.entity_state AS s
    WHERE s.valid_to > changes."from" AND s.valid_to <= changes."to"
    UNION ALL
    SELECT s.id, s.key, s.type, s.first_seen
    FROM orgraph_internal.entity_state AS s
    WHERE s.first_seen > changes."from" AND s.first_seen <= changes."to" AND s.valid_to > changes."to"
  ),
  changed AS (
    SELECT e.id, min(e.key) AS key, min(e.type) AS type, max(e.at) AS at FROM event AS e GROUP BY e.id
  ),
  relationship_event AS (
    SELECT s.from_id, s.rel_type, s.to_id, s.discriminator, s.from_key, s.to_key, s.valid_to AS at
    FROM orgraph_internal.relationship_state AS s
    WHERE s.valid_to > changes."from" AND s.valid_to <= changes."to"
    UNION ALL
    SELECT s.from_id, s.rel_type, s.to_id, s.discriminator, s.from_key, s.to_key, s.first_seen
    FROM orgraph_internal.relationship_state AS s
    WHERE s.first_seen > changes."from" AND s.first_seen <= changes."to" AND s.valid_to > changes."to"
  ),
  changed_relationship AS (
    SELECT e.from_id, e.rel_type, e.to_id, e.discriminator, min(e.from_key) AS from_key, min(e.to_key) AS to_key,
           max(e.at) AS at
    FROM relationship_event AS e
    GROUP BY e.from_id, e.rel_type, e.to_id, e.discriminator
  )
  SELECT
    'entity',
    CASE WHEN a.content IS NULL THEN 'deleted' WHEN b.content IS NULL THEN 'created' ELSE 'updated' END,
    c.key, c.type, c.at, b.content, a.content
  FROM changed AS c
  LEFT JOIN LATERAL (
    SELECT s.content FROM orgraph_internal.entity_state AS s
    WHERE s.id = c.id AND s.valid_from <= changes."from" AND s.valid_to > changes."from"
    LIMIT 1
  ) AS b ON true
  LEFT JOIN LATERAL (
    SELECT s.content FROM orgraph_internal.entity_state AS s
    WHERE s.id = c.id AND s.valid_from <= changes."to" AND s.valid_to > changes."to"
    LIMIT 1
  ) AS a ON true
  UNION ALL
  SELECT
    'relationship',
    CASE WHEN a.content IS NULL THEN 'deleted' WHEN b.content IS NULL THEN 'created' ELSE 'updated' END,
    c.from_key || '|' || t.verb || '|' || c.to_key
      || CASE WHEN c.discriminator = '' THEN '' ELSE '|' || c.discriminator END,
    t.name, c.at, b.content, a.content
  FROM changed_relationship AS c
  JOIN orgraph_internal.relationship_type AS t ON t.rel_type = c.rel_type
  LEFT JOIN LATERAL (
    SELECT s.content FROM orgraph_internal.relationship_state AS s
    WHERE s.from_id = c.from_id AND s.rel_type = c.rel_type AND s.to_id = c.to_id AND s.discriminator = c.discriminator
      AND s.valid_from <= changes."from" AND s.valid_to > changes."from"
    LIMIT 1
  ) AS b ON true
  LEFT JOIN LATERAL (
    SELECT s.content FROM orgraph_internal.relationship_state AS s
    WHERE s.from_id = c.from_id AND s.rel_type = c.rel_type AND s.to_id = c.to_id AND s.discriminator = c.discriminator
      AND s.valid_from <= changes."to" AND s.valid_to > changes."to"
    LIMIT 1
  ) AS a ON true;
END;
COMMENT ON FUNCTION orgraph.changes(timestamptz, timestamptz) IS 'What differs between two times: one row per entity or relationship created, updated or deleted after the first and up to the second';

CREATE TABLE orgraph_internal.type_view (
  name       text PRIMARY KEY,
  definition text NOT NULL
);
COMMENT ON TABLE orgraph_internal.type_view IS 'The generated views in orgraph, one per entity type, as they were last written';
