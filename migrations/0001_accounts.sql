-- Accounts, who works on them, and the partitions they are read in.

CREATE TABLE orgraph_internal.account (
  account_id         text PRIMARY KEY CHECK (account_id ~ '^[0-9]{12}$'),
  origin             text NOT NULL,
  name               text,
  email              text,
  org_arn            text,
  org_status         text,
  management         boolean NOT NULL DEFAULT false,
  state              text NOT NULL,
  state_reason       text,
  first_seen         timestamptz NOT NULL,
  left_at            timestamptz,
  closed_at          timestamptz,
  next_due_at        timestamptz,
  requested_at       timestamptz,
  cool_down_until    timestamptz,
  last_run_started_at  timestamptz,
  last_run_finished_at timestamptz
) WITH (fillfactor = 70);
CREATE INDEX account_due ON orgraph_internal.account (next_due_at);
COMMENT ON TABLE orgraph_internal.account IS 'One row per account that was ever discovered or configured';
COMMENT ON COLUMN orgraph_internal.account.origin IS 'Who names the account: organization or configuration. Only its origin can say that it left';
COMMENT ON COLUMN orgraph_internal.account.left_at IS 'When it was found to have left; its rows end a grace period later';
COMMENT ON COLUMN orgraph_internal.account.closed_at IS 'When its rows ended';
COMMENT ON COLUMN orgraph_internal.account.next_due_at IS 'When the next run is due by itself; NULL means only on request';
COMMENT ON COLUMN orgraph_internal.account.requested_at IS 'When somebody asked for a run that has not finished yet';

CREATE TABLE orgraph_internal.discovery (
  origin           text PRIMARY KEY,
  last_attempt_at  timestamptz,
  last_complete_at timestamptz,
  held_since       timestamptz,
  held_accounts    text[] NOT NULL DEFAULT '{}'
);
COMMENT ON TABLE orgraph_internal.discovery IS 'One row per origin of accounts, locked while its list is applied';
COMMENT ON COLUMN orgraph_internal.discovery.held_accounts IS 'Accounts that a discovery missed, too many to believe it once';

CREATE TABLE orgraph_internal.account_lease (
  account_id text PRIMARY KEY,
  epoch      bigint NOT NULL,
  token      uuid NOT NULL,
  holder     text NOT NULL,
  claimed_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL
) WITH (fillfactor = 50);
COMMENT ON TABLE orgraph_internal.account_lease IS 'Who may write the rows of an account; every writing transaction checks epoch and token';
COMMENT ON COLUMN orgraph_internal.account_lease.token IS 'Random for each claim: an epoch can come back after a crash or failover that lost commits';

CREATE TABLE orgraph_internal.partition (
  partition_id     int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  account_id       text NOT NULL,
  region           text NOT NULL,
  collector        text NOT NULL,
  status           text NOT NULL DEFAULT 'never',
  reason           text,
  seq              bigint NOT NULL DEFAULT 0,
  digest           uuid,
  gaps_digest      uuid,
  is_held          boolean NOT NULL DEFAULT false,
  entities         bigint NOT NULL DEFAULT 0,
  relationships    bigint NOT NULL DEFAULT 0,
  failures         int NOT NULL DEFAULT 0,
  calls            bigint NOT NULL DEFAULT 0,
  duration_ms      bigint NOT NULL DEFAULT 0,
  last_started_at  timestamptz,
  last_attempt_at  timestamptz,
  last_complete_at timestamptz,
  last_written_at  timestamptz,
  UNIQUE (account_id, region, collector)
) WITH (fillfactor = 50);
COMMENT ON TABLE orgraph_internal.partition IS 'One collector in one region of one account: the unit of locking and removal, and the only row that an unchanged sync rewrites';
COMMENT ON COLUMN orgraph_internal.partition.seq IS 'How many snapshots with rows were applied; every 24th is compared row by row whatever its digest';
COMMENT ON COLUMN orgraph_internal.partition.digest IS 'Hash of the sorted identities and content hashes of all rows; NULL means unknown and forces a comparison';
COMMENT ON COLUMN orgraph_internal.partition.gaps_digest IS 'Hash of the gaps stored, NULL for none';
COMMENT ON COLUMN orgraph_internal.partition.is_held IS 'Whether there is a row in hold';
COMMENT ON COLUMN orgraph_internal.partition.failures IS 'Runs without rows since the last one with rows';
COMMENT ON COLUMN orgraph_internal.partition.last_started_at IS 'When the newest recorded run began to read; runs that began earlier are refused';
COMMENT ON COLUMN orgraph_internal.partition.last_complete_at IS 'When everything was last seen: last_seen of every row of the partition';
COMMENT ON COLUMN orgraph_internal.partition.last_written_at IS 'The newest valid_from or valid_to given by this partition; time never runs backwards';

CREATE TABLE orgraph_internal.hold (
  partition_id  int PRIMARY KEY REFERENCES orgraph_internal.partition ON DELETE CASCADE,
  since         timestamptz NOT NULL,
  reason        text NOT NULL,
  row_ids       uuid[] NOT NULL,
  entities      bigint NOT NULL,
  relationships bigint NOT NULL
);
COMMENT ON TABLE orgraph_internal.hold IS 'Removals that wait until a second listing agrees';
COMMENT ON COLUMN orgraph_internal.hold.since IS 'When the listing that first missed the rows began';

CREATE TABLE orgraph_internal.gap (
  partition_id int NOT NULL REFERENCES orgraph_internal.partition ON DELETE CASCADE,
  ordinal      int NOT NULL,
  kind         text NOT NULL,
  key          text,
  operation    text NOT NULL,
  properties   text[] NOT NULL,
  status       text NOT NULL,
  reason       text NOT NULL,
  since        timestamptz NOT NULL,
  PRIMARY KEY (partition_id, ordinal)
);
COMMENT ON TABLE orgraph_internal.gap IS 'What the last run of a partition could not learn';

-- The rows that every run rewrites: keep their pages clean.
ALTER TABLE orgraph_internal.partition SET (autovacuum_vacuum_scale_factor = 0.05);
ALTER TABLE orgraph_internal.account_lease SET (autovacuum_vacuum_scale_factor = 0.05);
