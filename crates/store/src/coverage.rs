//! What was read, when, and how it ended.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use orgraph_model::{AccountId, Partition, Region, Status};
use orgraph_plan::AccountState;
use sqlx::FromRow;
use uuid::Uuid;

use crate::compare::stored_digest;
use crate::lease::check_lease;
use crate::{Lease, Result, Store, StoreError};

/// How a partition stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartitionState {
    /// The partition.
    pub partition: Partition,
    /// How its last run ended; `None` when there was none.
    pub status: Option<Status>,
    /// Why it is not complete.
    pub reason: Option<String>,
    /// When it was last tried.
    pub last_attempt_at: Option<DateTime<Utc>>,
    /// When everything was last seen.
    pub last_complete_at: Option<DateTime<Utc>>,
    /// Runs without rows since the last one with rows.
    pub failures: u32,
    /// Entities stored.
    pub entities: u64,
    /// Relationships stored.
    pub relationships: u64,
    /// A hash over its rows; `None` while it has none or the hash is not known.
    pub digest: Option<Uuid>,
    /// Since when removals wait for a second listing.
    pub held_since: Option<DateTime<Utc>>,
}

/// Figures about the whole graph, for metrics and for people in a hurry.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Health {
    /// Partitions by status; `None` are those never tried.
    pub partitions: BTreeMap<Option<Status>, u64>,
    /// Accounts by state.
    pub accounts: BTreeMap<AccountState, u64>,
    /// Entities stored.
    pub entities: u64,
    /// Relationships stored.
    pub relationships: u64,
    /// Partitions with removals that wait.
    pub held: u64,
    /// Since when the account waits that waits longest, not counting those at work.
    pub oldest_due_at: Option<DateTime<Utc>>,
    /// When the partition that is complete was last seen whose sight is the oldest.
    pub oldest_complete_at: Option<DateTime<Utc>>,
}

#[derive(Debug, FromRow)]
struct PartitionStateRow {
    account_id: String,
    region: String,
    collector: String,
    status: String,
    reason: Option<String>,
    last_attempt_at: Option<DateTime<Utc>>,
    last_complete_at: Option<DateTime<Utc>>,
    failures: i32,
    entities: i64,
    relationships: i64,
    digest: Option<Uuid>,
    held_since: Option<DateTime<Utc>>,
}

/// Something that the last run of a partition could not learn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredGap {
    /// The partition.
    pub partition: Partition,
    /// The entity it is about; `None` for a whole listing.
    pub key: Option<String>,
    /// The properties that keep their previous values because of it.
    pub properties: Vec<String>,
    /// Why.
    pub reason: String,
}

#[derive(Debug, FromRow)]
struct GapRow {
    account_id: String,
    region: String,
    collector: String,
    key: Option<String>,
    properties: Vec<String>,
    reason: String,
}

/// Status, partitions, entities, relationships, partitions held, oldest complete sight.
type StatusCount = (String, i64, i64, i64, i64, Option<DateTime<Utc>>);

impl Store {
    /// Makes partitions known that no run has reached yet, so that `coverage` shows them as `never`.
    pub async fn announce_partitions(&self, lease: &Lease, partitions: &[Partition]) -> Result<()> {
        let attempting = || StoreError::attempting("announce partitions");
        let mine: Vec<&Partition> = partitions.iter().filter(|it| it.account == lease.account).collect();
        let mut tx = self.pool.begin().await.map_err(attempting())?;
        check_lease(&mut tx, lease).await?;
        sqlx::query(include_str!("../queries/announce_partitions.sql"))
            .bind(lease.account.as_str())
            .bind(mine.iter().map(|it| it.region.as_str()).collect::<Vec<_>>())
            .bind(mine.iter().map(|it| it.collector.as_str()).collect::<Vec<_>>())
            .execute(&mut *tx)
            .await
            .map_err(attempting())?;
        tx.commit().await.map_err(attempting())
    }

    /// The partitions of an account, by region and collector.
    pub async fn partitions(&self, account: &AccountId) -> Result<Vec<PartitionState>> {
        self.partition_states(Some(account)).await
    }

    /// Every partition, by account, region and collector.
    pub async fn coverage(&self) -> Result<Vec<PartitionState>> {
        self.partition_states(None).await
    }

    /// What the last run of each partition could not learn, by account, region and collector.
    pub async fn gaps(&self) -> Result<Vec<StoredGap>> {
        let rows: Vec<GapRow> = sqlx::query_as(include_str!("../queries/read_gaps.sql"))
            .fetch_all(&self.pool)
            .await
            .map_err(StoreError::attempting("read gaps"))?;
        rows.into_iter().map(StoredGap::try_from).collect()
    }

    async fn partition_states(&self, account: Option<&AccountId>) -> Result<Vec<PartitionState>> {
        let rows: Vec<PartitionStateRow> = sqlx::query_as(include_str!("../queries/read_partitions.sql"))
            .bind(account.map(AccountId::as_str))
            .fetch_all(&self.pool)
            .await
            .map_err(StoreError::attempting("read coverage"))?;
        rows.into_iter().map(PartitionState::try_from).collect()
    }

    /// The partitions whose stored digest is not that of their rows: always none, unless rows were changed behind the
    /// back of the store or written in part. Reads every row, for tests and for `check`.
    pub async fn wrong_digests(&self) -> Result<Vec<String>> {
        let attempting = || StoreError::attempting("check digests");
        let mut wrong = Vec::new();
        let partitions: Vec<(i32, String)> =
            sqlx::query_as(include_str!("../queries/read_digested_partitions.sql"))
                .fetch_all(&self.pool)
                .await
                .map_err(attempting())?;
        for (partition_id, name) in partitions {
            // One snapshot for the digest and the rows, or a run in between would look like damage.
            let mut tx = self
                .pool
                .begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
                .await
                .map_err(attempting())?;
            let digest: Option<uuid::Uuid> = sqlx::query_scalar(
                "SELECT p.digest FROM orgraph_internal.partition AS p WHERE p.partition_id = $1 AND p.digest IS NOT NULL",
            )
            .bind(partition_id)
            .fetch_optional(&mut *tx)
            .await
            .map_err(attempting())?;
            let Some(digest) = digest else { continue };
            if stored_digest(&mut tx, partition_id).await? != digest {
                wrong.push(name);
            }
        }
        Ok(wrong)
    }

    /// Figures about the whole graph.
    pub async fn health(&self) -> Result<Health> {
        let attempting = || StoreError::attempting("read the figures of the graph");
        let mut health = Health::default();
        let partitions: Vec<StatusCount> = sqlx::query_as(include_str!("../queries/count_partitions.sql"))
            .fetch_all(&self.pool)
            .await
            .map_err(attempting())?;
        for (status, count, entities, relationships, held, oldest) in partitions {
            let status = status_by_name(&status)?;
            health.partitions.insert(status, count.unsigned_abs());
            health.entities += entities.unsigned_abs();
            health.relationships += relationships.unsigned_abs();
            health.held += held.unsigned_abs();
            if status == Some(Status::Complete) {
                health.oldest_complete_at = oldest;
            }
        }
        let accounts: Vec<(String, i64)> =
            sqlx::query_as("SELECT a.state, count(*) FROM orgraph_internal.account AS a GROUP BY a.state")
                .fetch_all(&self.pool)
                .await
                .map_err(attempting())?;
        for (state, count) in accounts {
            health.accounts.insert(state_by_name(&state)?, count.unsigned_abs());
        }
        health.oldest_due_at = sqlx::query_scalar(include_str!("../queries/read_oldest_due.sql"))
            .fetch_one(&self.pool)
            .await
            .map_err(attempting())?;
        Ok(health)
    }
}

impl TryFrom<GapRow> for StoredGap {
    type Error = StoreError;

    fn try_from(row: GapRow) -> Result<Self> {
        Ok(Self {
            partition: Partition {
                account: account_id(row.account_id)?,
                region: region(&row.region)?,
                collector: row.collector,
            },
            key: row.key,
            properties: row.properties,
            reason: row.reason,
        })
    }
}

fn region(text: &str) -> Result<Region> {
    text.parse::<Region>().map_err(|error| StoreError::Unknown { what: "region", value: error.value })
}

impl TryFrom<PartitionStateRow> for PartitionState {
    type Error = StoreError;

    fn try_from(row: PartitionStateRow) -> Result<Self> {
        Ok(Self {
            partition: Partition {
                account: account_id(row.account_id)?,
                region: region(&row.region)?,
                collector: row.collector,
            },
            status: status_by_name(&row.status)?,
            reason: row.reason,
            last_attempt_at: row.last_attempt_at,
            last_complete_at: row.last_complete_at,
            failures: u32::try_from(row.failures).unwrap_or_default(),
            entities: row.entities.unsigned_abs(),
            relationships: row.relationships.unsigned_abs(),
            digest: row.digest,
            held_since: row.held_since,
        })
    }
}

pub(crate) fn status_by_name(text: &str) -> Result<Option<Status>> {
    if text == "never" {
        return Ok(None);
    }
    let unknown = || StoreError::Unknown { what: "status", value: text.to_owned() };
    Status::by_name(text).map(Some).ok_or_else(unknown)
}

pub(crate) fn state_by_name(text: &str) -> Result<AccountState> {
    AccountState::by_name(text)
        .ok_or_else(|| StoreError::Unknown { what: "account state", value: text.to_owned() })
}

pub(crate) fn account_id(text: String) -> Result<AccountId> {
    AccountId::try_from(text).map_err(|error| StoreError::Unknown { what: "account ID", value: error.value })
}
