-- The live graph. Identities are the first 128 bits of the SHA-256 of the key, so that a relationship can be written
-- before the entity it points to, by any account, without looking anything up. There are no foreign keys on purpose.

CREATE TABLE orgraph_internal.relationship_type (
  rel_type  smallint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  from_type text NOT NULL,
  verb      text NOT NULL,
  to_type   text NOT NULL,
  name      text NOT NULL,
  UNIQUE (from_type, verb, to_type)
);
COMMENT ON TABLE orgraph_internal.relationship_type IS 'The kinds of relationship, numbered to keep the relationship indexes small';

CREATE TABLE orgraph_internal.entity (
  id           uuid PRIMARY KEY,
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
  properties   jsonb NOT NULL,
  tags         jsonb NOT NULL
) WITH (fillfactor = 90, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.05);
-- Never INCLUDE (content_hash): every change would have to touch the index.
CREATE INDEX entity_partition ON orgraph_internal.entity (partition_id);
CREATE INDEX entity_type_account ON orgraph_internal.entity (type, account_id);
CREATE INDEX entity_first_seen ON orgraph_internal.entity USING brin (first_seen);
COMMENT ON TABLE orgraph_internal.entity IS 'The current version of every entity';
COMMENT ON COLUMN orgraph_internal.entity.partition_id IS 'Who owns the row; NULL when it is merged from the contributions of several partitions';
COMMENT ON COLUMN orgraph_internal.entity.placeholder IS 'Known only because something else names it; yields to the owner of the key';
COMMENT ON COLUMN orgraph_internal.entity.content_hash IS 'Hash of everything but volatile properties';
COMMENT ON COLUMN orgraph_internal.entity.first_seen IS 'When this key appeared and has been there since';
COMMENT ON COLUMN orgraph_internal.entity.valid_from IS 'When this version began';

CREATE TABLE orgraph_internal.relationship (
  from_id       uuid NOT NULL,
  to_id         uuid NOT NULL,
  rel_type      smallint NOT NULL,
  partition_id  int NOT NULL,
  content_hash  uuid NOT NULL,
  first_seen    timestamptz NOT NULL,
  valid_from    timestamptz NOT NULL,
  discriminator text NOT NULL,
  from_key      text NOT NULL,
  to_key        text NOT NULL,
  properties    jsonb,
  PRIMARY KEY (from_id, rel_type, to_id, discriminator)
) WITH (fillfactor = 95, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.05);
CREATE INDEX relationship_in ON orgraph_internal.relationship (to_id, rel_type, from_id);
CREATE INDEX relationship_partition ON orgraph_internal.relationship (partition_id);
CREATE INDEX relationship_first_seen ON orgraph_internal.relationship USING brin (first_seen);
COMMENT ON TABLE orgraph_internal.relationship IS 'The current version of every relationship';
COMMENT ON COLUMN orgraph_internal.relationship.discriminator IS 'Tells parallel relationships of one kind apart; empty when there can be only one';
COMMENT ON COLUMN orgraph_internal.relationship.to_key IS 'The key of the end, which may not be stored';
COMMENT ON COLUMN orgraph_internal.relationship.properties IS 'NULL stands for none';

CREATE TABLE orgraph_internal.reference (
  partition_id int NOT NULL,
  content_hash uuid NOT NULL,
  from_id      uuid NOT NULL,
  from_key     text NOT NULL,
  from_type    text NOT NULL,
  verb         text NOT NULL,
  to_type      text NOT NULL,
  property     text NOT NULL,
  value        text NOT NULL,
  reversed     boolean NOT NULL,
  any_region   boolean NOT NULL,
  properties   jsonb NOT NULL,
  PRIMARY KEY (partition_id, content_hash)
);
COMMENT ON TABLE orgraph_internal.reference IS 'Relationships whose other end is known by a property and looked up after every run';

CREATE TABLE orgraph_internal.contribution (
  entity_id    uuid NOT NULL,
  partition_id int NOT NULL,
  placeholder  boolean NOT NULL,
  type         text NOT NULL,
  class        text[] NOT NULL,
  account_id   text NOT NULL,
  region       text NOT NULL,
  key          text NOT NULL,
  name         text,
  display_name text,
  content_hash uuid NOT NULL,
  volatile     text[] NOT NULL,
  properties   jsonb NOT NULL,
  tags         jsonb NOT NULL,
  PRIMARY KEY (entity_id, partition_id)
);
CREATE INDEX contribution_partition ON orgraph_internal.contribution (partition_id);
COMMENT ON TABLE orgraph_internal.contribution IS 'What one partition says about an entity that several may speak of: shared types and placeholders';

CREATE TABLE orgraph_internal.shared_entity (
  id              uuid PRIMARY KEY,
  last_written_at timestamptz
) WITH (fillfactor = 50);
COMMENT ON TABLE orgraph_internal.shared_entity IS 'One row per entity that ever had contributions, to be locked by whoever merges it';
