-- A relationship may lead to what is not stored, so that a question looks up every entity it passes through. Most kinds
-- are written together with the entity at one of their ends, by the partition that owns it, and so never lose that end.
-- Which kinds ever did is noted here, by triggers, so that it holds whoever writes. Making it compares all relationships
-- that are stored with the entities at their ends, which takes about two seconds for a million of them.

-- In the order of writers, which would else wait for this while it waits for them.
LOCK TABLE orgraph_internal.entity, orgraph_internal.relationship IN SHARE ROW EXCLUSIVE MODE;

CREATE TABLE orgraph_internal.loose_end (
  rel_type smallint NOT NULL,
  is_from  boolean NOT NULL
);
COMMENT ON TABLE orgraph_internal.loose_end IS 'Ends of kinds of relationship at which an entity may be missing. Rows are added and never removed; one may be there twice, so that writers need not wait for each other';

-- What was not written by the partition that owns the entity at its end, or names another type than the entity has.
CREATE FUNCTION orgraph_internal.note_loose_ends() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  -- OFFSET 0 keeps the order: kinds that are noted are not looked up. A value is looked up by its key whatever the
  -- planner expects, which it does once in a session.
  INSERT INTO orgraph_internal.loose_end (rel_type, is_from)
  SELECT DISTINCT f.rel_type, true
  FROM (
    SELECT n.rel_type, n.from_id, n.partition_id, t.from_type
    FROM new_row AS n
    LEFT JOIN orgraph_internal.relationship_type AS t ON t.rel_type = n.rel_type
    WHERE NOT EXISTS (SELECT FROM orgraph_internal.loose_end AS l WHERE l.rel_type = n.rel_type AND l.is_from)
    OFFSET 0
  ) AS f
  WHERE (SELECT e.type FROM orgraph_internal.entity AS e WHERE e.id = f.from_id AND e.partition_id = f.partition_id)
    IS DISTINCT FROM f.from_type
  UNION ALL
  SELECT DISTINCT o.rel_type, false
  FROM (
    SELECT n.rel_type, n.to_id, n.partition_id, t.to_type
    FROM new_row AS n
    LEFT JOIN orgraph_internal.relationship_type AS t ON t.rel_type = n.rel_type
    WHERE NOT EXISTS (SELECT FROM orgraph_internal.loose_end AS l WHERE l.rel_type = n.rel_type AND NOT l.is_from)
    OFFSET 0
  ) AS o
  WHERE (SELECT e.type FROM orgraph_internal.entity AS e WHERE e.id = o.to_id AND e.partition_id = o.partition_id)
    IS DISTINCT FROM o.to_type;
  RETURN NULL;
END $$;

-- What is left at the end of the transaction when the entity at its end has gone, has been given up by its partition or
-- has become one of another type.
CREATE FUNCTION orgraph_internal.note_loosened_ends() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF EXISTS (
    SELECT FROM orgraph_internal.entity AS e
    WHERE e.id = old.id AND e.partition_id = old.partition_id AND e.type = old.type
  ) THEN
    RETURN NULL;
  END IF;
  INSERT INTO orgraph_internal.loose_end (rel_type, is_from)
  SELECT DISTINCT r.rel_type, r.is_from
  FROM (
    SELECT r.rel_type, true AS is_from
    FROM orgraph_internal.relationship AS r
    WHERE r.from_id = old.id AND r.partition_id = old.partition_id
    UNION ALL
    SELECT r.rel_type, false
    FROM orgraph_internal.relationship AS r
    WHERE r.to_id = old.id AND r.partition_id = old.partition_id
  ) AS r
  WHERE NOT EXISTS (
    SELECT FROM orgraph_internal.loose_end AS l WHERE l.rel_type = r.rel_type AND l.is_from = r.is_from
  );
  RETURN NULL;
END $$;

CREATE TRIGGER relationship_ends AFTER INSERT ON orgraph_internal.relationship
  REFERENCING NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION orgraph_internal.note_loose_ends();
CREATE CONSTRAINT TRIGGER entity_updated_ends AFTER UPDATE ON orgraph_internal.entity
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (old.partition_id IS NOT NULL AND (old.partition_id IS DISTINCT FROM new.partition_id OR old.type <> new.type))
  EXECUTE FUNCTION orgraph_internal.note_loosened_ends();
CREATE CONSTRAINT TRIGGER entity_deleted_ends AFTER DELETE ON orgraph_internal.entity
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (old.partition_id IS NOT NULL)
  EXECUTE FUNCTION orgraph_internal.note_loosened_ends();

-- The triggers hold from here on: writers wait for this migration.
SET LOCAL work_mem = '256MB';
WITH kind AS (
  SELECT r.rel_type, bool_or(f.id IS NULL) AS from_is_loose, bool_or(o.id IS NULL) AS to_is_loose
  FROM orgraph_internal.relationship AS r
  JOIN orgraph_internal.relationship_type AS t ON t.rel_type = r.rel_type
  LEFT JOIN orgraph_internal.entity AS f ON f.id = r.from_id AND f.partition_id = r.partition_id AND f.type = t.from_type
  LEFT JOIN orgraph_internal.entity AS o ON o.id = r.to_id AND o.partition_id = r.partition_id AND o.type = t.to_type
  GROUP BY r.rel_type
)
INSERT INTO orgraph_internal.loose_end (rel_type, is_from)
SELECT k.rel_type, true FROM kind AS k WHERE k.from_is_loose
UNION ALL
SELECT k.rel_type, false FROM kind AS k WHERE k.to_is_loose;

CREATE VIEW orgraph.loose_end AS
SELECT l.rel_type, l.is_from
FROM orgraph_internal.loose_end AS l;
COMMENT ON VIEW orgraph.loose_end IS 'Ends of kinds of relationship at which an entity may not be stored. At all others one of from_type or to_type always is. A row may be there twice, and none is ever removed';
COMMENT ON COLUMN orgraph.loose_end.rel_type IS 'Which row of relationship_type says the kind';
COMMENT ON COLUMN orgraph.loose_end.is_from IS 'Whether it is where the relationship begins';
GRANT SELECT ON orgraph.loose_end TO orgraph_reader, orgraph_writer;
