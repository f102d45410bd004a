-- Closed versions, written by triggers alone and dropped a month at a time.

CREATE TABLE orgraph_internal.entity_history (
  id           uuid NOT NULL,
  partition_id int,
  placeholder  boolean NOT NULL,
  type         text NOT NULL,
  class        text[] NOT NULL,
  account_id   text NOT NULL,
  region       text NOT NULL,
  key          text NOT NULL,
  name         text,
  display_name text,
  content_hash uuid NOT NULL,
  first_seen   timestamptz NOT NULL,
  valid_from   timestamptz NOT NULL,
  valid_to     timestamptz NOT NULL,
  op           "char" NOT NULL,
  reason       text,
  properties   jsonb NOT NULL,
  tags         jsonb NOT NULL
) PARTITION BY RANGE (valid_to);
CREATE INDEX entity_history_id ON orgraph_internal.entity_history (id, valid_to);
CREATE INDEX entity_history_valid_to ON orgraph_internal.entity_history (valid_to);
CREATE TABLE orgraph_internal.entity_history_default PARTITION OF orgraph_internal.entity_history DEFAULT;
COMMENT ON TABLE orgraph_internal.entity_history IS 'Every version of an entity that has ended';
COMMENT ON COLUMN orgraph_internal.entity_history.op IS 'U: another version followed; D: the entity ended';
COMMENT ON COLUMN orgraph_internal.entity_history.reason IS 'Why it ended, when not because a listing missed it';

CREATE TABLE orgraph_internal.relationship_history (
  from_id       uuid NOT NULL,
  to_id         uuid NOT NULL,
  rel_type      smallint NOT NULL,
  partition_id  int NOT NULL,
  content_hash  uuid NOT NULL,
  first_seen    timestamptz NOT NULL,
  valid_from    timestamptz NOT NULL,
  valid_to      timestamptz NOT NULL,
  op            "char" NOT NULL,
  reason        text,
  discriminator text NOT NULL,
  from_key      text NOT NULL,
  to_key        text NOT NULL,
  properties    jsonb
) PARTITION BY RANGE (valid_to);
CREATE INDEX relationship_history_from ON orgraph_internal.relationship_history (from_id, valid_to);
CREATE INDEX relationship_history_to ON orgraph_internal.relationship_history (to_id, valid_to);
CREATE INDEX relationship_history_valid_to ON orgraph_internal.relationship_history (valid_to);
CREATE TABLE orgraph_internal.relationship_history_default PARTITION OF orgraph_internal.relationship_history DEFAULT;
COMMENT ON TABLE orgraph_internal.relationship_history IS 'Every version of a relationship that has ended';
COMMENT ON COLUMN orgraph_internal.relationship_history.op IS 'U: another version followed; D: the relationship ended';
COMMENT ON COLUMN orgraph_internal.relationship_history.reason IS 'Why it ended, when not because a listing missed it';

-- The triggers run as the owner: the writer can cause history but not write it. A writer has to say for which
-- partition it works and at what time, which catches statements that lost their WHERE.

CREATE FUNCTION orgraph_internal.close_entity_versions() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  writer    int := nullif(current_setting('orgraph.partition_id', true), '')::int;
  closed_at timestamptz := nullif(current_setting('orgraph.ts', true), '')::timestamptz;
  cause     text := nullif(current_setting('orgraph.reason', true), '');
BEGIN
  IF EXISTS (SELECT 1 FROM old_row AS o WHERE closed_at IS NULL OR writer IS NULL OR o.partition_id <> writer) THEN
    RAISE EXCEPTION 'orgraph: write outside of partition %', writer USING ERRCODE = 'insufficient_privilege';
  END IF;
  INSERT INTO orgraph_internal.entity_history
    (id, partition_id, placeholder, type, class, account_id, region, key, name, display_name, content_hash,
     first_seen, valid_from, valid_to, op, reason, properties, tags)
  SELECT o.id, o.partition_id, o.placeholder, o.type, o.class, o.account_id, o.region, o.key, o.name, o.display_name,
         o.content_hash, o.first_seen, o.valid_from, closed_at, left(tg_op, 1)::"char", cause, o.properties, o.tags
  FROM old_row AS o;
  RETURN NULL;
END $$;

CREATE FUNCTION orgraph_internal.close_relationship_versions() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  writer    int := nullif(current_setting('orgraph.partition_id', true), '')::int;
  closed_at timestamptz := nullif(current_setting('orgraph.ts', true), '')::timestamptz;
  cause     text := nullif(current_setting('orgraph.reason', true), '');
BEGIN
  IF EXISTS (SELECT 1 FROM old_row AS o WHERE closed_at IS NULL OR writer IS NULL OR o.partition_id <> writer) THEN
    RAISE EXCEPTION 'orgraph: write outside of partition %', writer USING ERRCODE = 'insufficient_privilege';
  END IF;
  INSERT INTO orgraph_internal.relationship_history
    (from_id, to_id, rel_type, partition_id, content_hash, first_seen, valid_from, valid_to, op, reason,
     discriminator, from_key, to_key, properties)
  SELECT o.from_id, o.to_id, o.rel_type, o.partition_id, o.content_hash, o.first_seen, o.valid_from, closed_at,
         left(tg_op, 1)::"char", cause, o.discriminator, o.from_key, o.to_key, o.properties
  FROM old_row AS o;
  RETURN NULL;
END $$;

CREATE TRIGGER entity_updated AFTER UPDATE ON orgraph_internal.entity
  REFERENCING OLD TABLE AS old_row FOR EACH STATEMENT EXECUTE FUNCTION orgraph_internal.close_entity_versions();
CREATE TRIGGER entity_deleted AFTER DELETE ON orgraph_internal.entity
  REFERENCING OLD TABLE AS old_row FOR EACH STATEMENT EXECUTE FUNCTION orgraph_internal.close_entity_versions();
CREATE TRIGGER relationship_updated AFTER UPDATE ON orgraph_internal.relationship
  REFERENCING OLD TABLE AS old_row FOR EACH STATEMENT EXECUTE FUNCTION orgraph_internal.close_relationship_versions();
CREATE TRIGGER relationship_deleted AFTER DELETE ON orgraph_internal.relationship
  REFERENCING OLD TABLE AS old_row FOR EACH STATEMENT EXECUTE FUNCTION orgraph_internal.close_relationship_versions();

-- TRUNCATE fires no row triggers: it would be a loss without a trace.

CREATE FUNCTION orgraph_internal.refuse_truncate() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RAISE EXCEPTION 'orgraph: % is never truncated', tg_relid::regclass USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TRIGGER entity_truncated BEFORE TRUNCATE ON orgraph_internal.entity
  FOR EACH STATEMENT EXECUTE FUNCTION orgraph_internal.refuse_truncate();
CREATE TRIGGER relationship_truncated BEFORE TRUNCATE ON orgraph_internal.relationship
  FOR EACH STATEMENT EXECUTE FUNCTION orgraph_internal.refuse_truncate();
CREATE TRIGGER contribution_truncated BEFORE TRUNCATE ON orgraph_internal.contribution
  FOR EACH STATEMENT EXECUTE FUNCTION orgraph_internal.refuse_truncate();
CREATE TRIGGER reference_truncated BEFORE TRUNCATE ON orgraph_internal.reference
  FOR EACH STATEMENT EXECUTE FUNCTION orgraph_internal.refuse_truncate();
CREATE TRIGGER partition_truncated BEFORE TRUNCATE ON orgraph_internal.partition
  FOR EACH STATEMENT EXECUTE FUNCTION orgraph_internal.refuse_truncate();
CREATE TRIGGER entity_history_truncated BEFORE TRUNCATE ON orgraph_internal.entity_history
  FOR EACH STATEMENT EXECUTE FUNCTION orgraph_internal.refuse_truncate();
CREATE TRIGGER entity_history_truncated BEFORE TRUNCATE ON orgraph_internal.entity_history_default
  FOR EACH STATEMENT EXECUTE FUNCTION orgraph_internal.refuse_truncate();
CREATE TRIGGER relationship_history_truncated BEFORE TRUNCATE ON orgraph_internal.relationship_history
  FOR EACH STATEMENT EXECUTE FUNCTION orgraph_internal.refuse_truncate();
CREATE TRIGGER relationship_history_truncated BEFORE TRUNCATE ON orgraph_internal.relationship_history_default
  FOR EACH STATEMENT EXECUTE FUNCTION orgraph_internal.refuse_truncate();

CREATE FUNCTION orgraph_internal.ensure_history_partitions(at timestamptz) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  created int := 0;
  parent  text;
  child   text;
  month   timestamptz;
BEGIN
  FOR months IN 0..2 LOOP
    month := (date_trunc('month', at AT TIME ZONE 'UTC') + make_interval(months => months)) AT TIME ZONE 'UTC';
    FOREACH parent IN ARRAY ARRAY['entity_history', 'relationship_history'] LOOP
      child := parent || to_char(month AT TIME ZONE 'UTC', '"_"YYYY"_"MM');
      CONTINUE WHEN to_regclass(format('orgraph_internal.%I', child)) IS NOT NULL;
      BEGIN
        EXECUTE format('CREATE TABLE orgraph_internal.%I PARTITION OF orgraph_internal.%I FOR VALUES FROM (%L) TO (%L)',
          child, parent, month, (month AT TIME ZONE 'UTC' + interval '1 month') AT TIME ZONE 'UTC');
        EXECUTE format('CREATE TRIGGER %I BEFORE TRUNCATE ON orgraph_internal.%I FOR EACH STATEMENT
          EXECUTE FUNCTION orgraph_internal.refuse_truncate()', parent || '_truncated', child);
        EXECUTE format('GRANT SELECT ON orgraph_internal.%I TO orgraph_writer', child);
        created := created + 1;
      EXCEPTION
        -- Another daemon was faster.
        WHEN duplicate_table OR unique_violation THEN NULL;
        -- The default partition took rows of that month while no daemon prepared it: they are fine where they are.
        WHEN check_violation THEN NULL;
      END;
    END LOOP;
  END LOOP;
  RETURN created;
END $$;
COMMENT ON FUNCTION orgraph_internal.ensure_history_partitions(timestamptz) IS 'Creates the partitions of this month and the next two';

CREATE FUNCTION orgraph_internal.drop_history(before timestamptz) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  dropped int := 0;
  child   record;
BEGIN
  IF before > clock_timestamp() - interval '1 day' THEN
    RAISE EXCEPTION 'orgraph: history of the last day is never dropped' USING ERRCODE = 'insufficient_privilege';
  END IF;
  FOR child IN
    SELECT c.relname
    FROM pg_inherits AS i
    JOIN pg_class AS c ON c.oid = i.inhrelid
    WHERE i.inhparent IN ('orgraph_internal.entity_history'::regclass, 'orgraph_internal.relationship_history'::regclass)
      AND c.relname ~ '_history_[0-9]{4}_[0-9]{2}$'
      AND (to_date(right(c.relname, 7), 'YYYY_MM') + interval '1 month') AT TIME ZONE 'UTC' <= before
    ORDER BY c.relname
  LOOP
    EXECUTE format('DROP TABLE orgraph_internal.%I', child.relname);
    dropped := dropped + 1;
  END LOOP;
  DELETE FROM orgraph_internal.entity_history_default AS h WHERE h.valid_to < before;
  DELETE FROM orgraph_internal.relationship_history_default AS h WHERE h.valid_to < before;
  RETURN dropped;
END $$;
COMMENT ON FUNCTION orgraph_internal.drop_history(timestamptz) IS 'Drops the months that ended before a time; the only way to lose history';
