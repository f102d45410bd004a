-- What every linker read, so that a run over an account in which nothing changed need not link.

CREATE TABLE orgraph_internal.link_input (
  partition_id  int PRIMARY KEY REFERENCES orgraph_internal.partition ON DELETE CASCADE,
  input         uuid NOT NULL,
  output        uuid NOT NULL,
  keys          uuid[] NOT NULL,
  types         text[] NOT NULL,
  relationships text[] NOT NULL,
  part_ids      uuid[] NOT NULL,
  part_inputs   uuid[] NOT NULL
);
COMMENT ON TABLE orgraph_internal.link_input IS 'What the linker of a partition read when it gave the rows that are stored';
COMMENT ON COLUMN orgraph_internal.link_input.input IS 'Hash of everything it read';
COMMENT ON COLUMN orgraph_internal.link_input.output IS 'The digest of the partition afterwards: with another one, this row says nothing';
COMMENT ON COLUMN orgraph_internal.link_input.keys IS 'Entities that it looked up by their keys, there or not';
COMMENT ON COLUMN orgraph_internal.link_input.types IS 'Types of which it looked up entities by a property, in whatever account';
COMMENT ON COLUMN orgraph_internal.link_input.relationships IS 'Kinds of relationship that it looked up: type, verb, type';
COMMENT ON COLUMN orgraph_internal.link_input.part_ids IS 'The entities it started from, where it can be run for some of them only';
COMMENT ON COLUMN orgraph_internal.link_input.part_inputs IS 'For each of them, the hash of what its relationships rest on';
GRANT SELECT, INSERT, UPDATE, DELETE ON orgraph_internal.link_input TO orgraph_writer;

-- Who looks something up in all accounts asks for the digests of the partitions that may hold it.
CREATE INDEX partition_collector ON orgraph_internal.partition (collector);

-- Entities that are merged from what several partitions say belong to none of them, so that no digest of a partition
-- tells when they change. They are few, and found by this. Not CONCURRENTLY, which waits for every other daemon that
-- waits for its turn to migrate.
CREATE INDEX entity_shared ON orgraph_internal.entity (type, account_id) WHERE partition_id IS NULL;
