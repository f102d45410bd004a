-- What following relationships from entity to entity needs: identities in the public views, and every relationship as
-- seen from either end. Columns are added at the end of views that exist; the function is made anew because the columns
-- of one that returns a table cannot be extended.

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
  ) AS last_seen,
  e.id AS _id
FROM orgraph_internal.entity AS e;

CREATE OR REPLACE VIEW orgraph_internal.entity_version AS
SELECT
  l._key, l._type, l._class, l._source, l.account_id, l.region, l.name, l.display_name, l.properties, l.tags,
  l.first_seen, l.valid_from, l.last_seen, 'infinity'::timestamptz AS valid_to, l._id
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
  h.first_seen, h.valid_from, h.valid_to, h.valid_to, h.id
FROM orgraph_internal.entity_history AS h;

CREATE OR REPLACE VIEW orgraph.entity AS
SELECT
  l._key, l._type, l._class, l._source, l.account_id, l.region, l.name, l.display_name, l.properties, l.tags,
  l.first_seen, l.valid_from, l.last_seen, l._id
FROM orgraph_internal.entity_live AS l;
COMMENT ON COLUMN orgraph.entity._id IS 'What near_id and far_id of a step mean; orgraph.entity_id of _key';

DROP FUNCTION orgraph.entity_at(timestamptz);
CREATE FUNCTION orgraph.entity_at(ts timestamptz)
RETURNS TABLE (
  _key text, _type text, _class text[], _source text, account_id text, region text, name text, display_name text,
  properties jsonb, tags jsonb, first_seen timestamptz, valid_from timestamptz, last_seen timestamptz, _id uuid
)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT
    v._key, v._type, v._class, v._source, v.account_id, v.region, v.name, v.display_name, v.properties, v.tags,
    v.first_seen, v.valid_from, v.last_seen, v._id
  FROM orgraph_internal.entity_version AS v
  WHERE v.valid_from <= entity_at.ts AND v.valid_to > entity_at.ts;
END;
COMMENT ON FUNCTION orgraph.entity_at(timestamptz) IS 'Every entity as it was at a time';

CREATE VIEW orgraph.relationship_type AS
SELECT t.rel_type, t.name AS _type, t.verb AS _class, t.from_type, t.to_type
FROM orgraph_internal.relationship_type AS t;
COMMENT ON VIEW orgraph.relationship_type IS 'The kinds of relationship, one row each';
COMMENT ON COLUMN orgraph.relationship_type.rel_type IS 'What rel_type of a step means';

-- Each arm reads one table, so that conditions on near_id and on far_id both reach an index.
CREATE VIEW orgraph.step AS
SELECT
  r.from_id AS near_id, r.to_id AS far_id, true AS forward, r.rel_type, r.discriminator, r.from_id, r.to_id,
  r.from_key, r.to_key, r.properties, r.first_seen, r.valid_from
FROM orgraph_internal.relationship AS r
UNION ALL
SELECT
  r.to_id, r.from_id, false, r.rel_type, r.discriminator, r.from_id, r.to_id,
  r.from_key, r.to_key, r.properties, r.first_seen, r.valid_from
FROM orgraph_internal.relationship AS r
WHERE r.from_id <> r.to_id;
COMMENT ON VIEW orgraph.step IS 'Every relationship as seen from each of its ends: two rows, or one if it leads back to where it begins';
COMMENT ON COLUMN orgraph.step.near_id IS '_id of the entity it is seen from';
COMMENT ON COLUMN orgraph.step.far_id IS '_id of the entity at the other end, which may not be stored';
COMMENT ON COLUMN orgraph.step.forward IS 'Whether it leads from near_id to far_id';
COMMENT ON COLUMN orgraph.step.rel_type IS 'Which row of relationship_type says its kind';
COMMENT ON COLUMN orgraph.step.properties IS 'NULL stands for none';

CREATE VIEW orgraph_internal.step_version AS
SELECT
  r.from_id AS near_id, r.to_id AS far_id, true AS forward, r.rel_type, r.discriminator, r.from_id, r.to_id,
  r.from_key, r.to_key, r.properties, r.first_seen, r.valid_from, 'infinity'::timestamptz AS valid_to
FROM orgraph_internal.relationship AS r
UNION ALL
SELECT
  r.to_id, r.from_id, false, r.rel_type, r.discriminator, r.from_id, r.to_id,
  r.from_key, r.to_key, r.properties, r.first_seen, r.valid_from, 'infinity'::timestamptz
FROM orgraph_internal.relationship AS r
WHERE r.from_id <> r.to_id
UNION ALL
SELECT
  h.from_id, h.to_id, true, h.rel_type, h.discriminator, h.from_id, h.to_id,
  h.from_key, h.to_key, h.properties, h.first_seen, h.valid_from, h.valid_to
FROM orgraph_internal.relationship_history AS h
UNION ALL
SELECT
  h.to_id, h.from_id, false, h.rel_type, h.discriminator, h.from_id, h.to_id,
  h.from_key, h.to_key, h.properties, h.first_seen, h.valid_from, h.valid_to
FROM orgraph_internal.relationship_history AS h
WHERE h.from_id <> h.to_id;

CREATE FUNCTION orgraph.step_at(ts timestamptz)
RETURNS TABLE (
  near_id uuid, far_id uuid, forward boolean, rel_type smallint, discriminator text, from_id uuid, to_id uuid,
  from_key text, to_key text, properties jsonb, first_seen timestamptz, valid_from timestamptz
)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT
    v.near_id, v.far_id, v.forward, v.rel_type, v.discriminator, v.from_id, v.to_id,
    v.from_key, v.to_key, v.properties, v.first_seen, v.valid_from
  FROM orgraph_internal.step_version AS v
  WHERE v.valid_from <= step_at.ts AND v.valid_to > step_at.ts;
END;
COMMENT ON FUNCTION orgraph.step_at(timestamptz) IS 'Every relationship as it was at a time, as seen from each of its ends';

GRANT SELECT ON orgraph.relationship_type, orgraph.step TO orgraph_reader, orgraph_writer;
GRANT SELECT ON orgraph_internal.step_version TO orgraph_reader, orgraph_writer;
