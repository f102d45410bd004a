//! The one write path: a snapshot becomes rows, or is refused.
//!
//! One transaction per partition. It checks the lease, locks the partition, compares digests, and only when they
//! differ reads what is stored, decides with `orgraph_plan` and writes the difference.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use orgraph_model::{EntityId, Outcome, Snapshot, Status};
use orgraph_plan::{GuardSettings, HoldReason, Trust};
use sqlx::PgConnection;
use tracing::warn;

use crate::changes::{Changes, StoredAfter, count};
use crate::compare::Comparison;
use crate::lease::check_lease;
use crate::partition::{
    PartitionRow, Record, Waiting, confirm_unchanged, lock_partition, read_hold, record_applied,
    record_attempt, record_unchanged, write_gaps, write_hold,
};
use crate::prepare::Prepared;
use crate::relationship_type::RelationshipTypes;
use crate::unknown::keep_unknown;
use crate::verdict::Verdict;
use crate::write::{Load, write};
use crate::{Lease, Result, Store, StoreError};

/// How many rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count {
    /// Entities.
    pub entities: u64,
    /// Relationships.
    pub relationships: u64,
}

/// Removals that wait until a second listing agrees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holding {
    /// How many rows wait.
    pub rows: Count,
    /// A listing that begins at this time or later can confirm them.
    pub confirm_at: DateTime<Utc>,
}

/// What a snapshot did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applied {
    /// The status recorded: that of the snapshot, or `partial` when removals wait.
    pub status: Status,
    /// Rows that were not there before.
    pub created: Count,
    /// Rows with a new version.
    pub changed: Count,
    /// Rows that ended.
    pub removed: Count,
    /// Removals that wait.
    pub held: Option<Holding>,
    /// Rows that another partition owns; they were left alone.
    pub skipped_foreign: u64,
    /// Whether the digest alone told that every row is as stored.
    pub unchanged: bool,
}

impl Applied {
    fn nothing(status: Status) -> Self {
        Self {
            status,
            created: Count::default(),
            changed: Count::default(),
            removed: Count::default(),
            held: None,
            skipped_foreign: 0,
            unchanged: false,
        }
    }
}

/// What decides over removals.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Removal<'a> {
    /// The snapshot, watched by the guard.
    Guarded(&'a GuardSettings),
    /// A fact that is certain; the rows end with it as the reason.
    Decreed(&'a str),
}

/// Snapshots with equal digests are still compared row by row every so often, should a row ever differ from its hash.
pub(crate) const FORCED_COMPARISON: i64 = 24;
const ATTEMPTS: u32 = 4;

impl Store {
    /// Makes the stored rows of a partition those of the snapshot, as far as it can be trusted.
    ///
    /// Only a complete listing removes anything, within what `guard` allows. Properties that the run could not read
    /// keep their values. Rows of other partitions are never touched. Either everything is written or nothing is.
    pub async fn reconcile(
        &self,
        lease: &Lease,
        snapshot: &Snapshot,
        guard: &GuardSettings,
    ) -> Result<Applied> {
        self.apply(lease, snapshot, &BTreeSet::new(), Removal::Guarded(guard)).await
    }

    /// The same for a snapshot that says nothing about the relationships that start at some entities, because they are
    /// known to be as they are stored. They stay, and with them the entities of the partition at their ends.
    pub async fn reconcile_but(
        &self,
        lease: &Lease,
        snapshot: &Snapshot,
        kept: &BTreeSet<EntityId>,
        guard: &GuardSettings,
    ) -> Result<Applied> {
        self.apply(lease, snapshot, kept, Removal::Guarded(guard)).await
    }

    pub(crate) async fn apply(
        &self,
        lease: &Lease,
        snapshot: &Snapshot,
        kept: &BTreeSet<EntityId>,
        removal: Removal<'_>,
    ) -> Result<Applied> {
        if snapshot.partition.account != lease.account {
            return Err(StoreError::WrongAccount {
                partition: snapshot.partition.clone(),
                lease: lease.account.clone(),
            });
        }
        let mut prepared = Prepared::new(snapshot).keeping(kept);
        if self.is_unchanged(lease, &prepared, removal).await? {
            return Ok(Applied { unchanged: true, ..Applied::nothing(prepared.outcome.status) });
        }
        let mut types = self.relationship_types(&prepared.marks.kinds).await?;
        let rows = prepared.marks.own.len() + prepared.marks.relationships.len();
        let mut load = if rows >= self.min_copy_rows { Load::Copy } else { Load::Upsert };
        for attempt in 1.. {
            match self.try_apply(lease, &mut prepared, &types, removal, load).await {
                // COPY cannot step aside for a row that another partition or a placeholder holds.
                Err(error) if error.is_duplicate() && load == Load::Copy => load = Load::Upsert,
                Err(error) if error.is_conflict() && attempt < ATTEMPTS => {}
                // Another daemon wrote a kind of relationship that this one had not met.
                Err(error) if error.is_unknown_type() && attempt < ATTEMPTS => {
                    types = self.read_relationship_types().await?;
                }
                result => return result,
            }
        }
        unreachable!("the loop returns")
    }

    /// The short way of most runs: one statement checks everything that the transaction would, and touches one row.
    async fn is_unchanged(
        &self,
        lease: &Lease,
        prepared: &Prepared<'_>,
        removal: Removal<'_>,
    ) -> Result<bool> {
        let may_be_short = matches!(removal, Removal::Guarded(_))
            && prepared.trust != Trust::Nothing
            && prepared.unknown.is_empty()
            && prepared.kept.is_empty();
        if !may_be_short {
            return Ok(false);
        }
        let digest = prepared.digest();
        confirm_unchanged(&self.pool, lease, prepared, digest, FORCED_COMPARISON).await
    }

    async fn try_apply(
        &self,
        lease: &Lease,
        prepared: &mut Prepared<'_>,
        types: &RelationshipTypes,
        removal: Removal<'_>,
        load: Load,
    ) -> Result<Applied> {
        let mut tx = self.pool.begin().await.map_err(StoreError::attempting("begin a transaction"))?;
        check_lease(&mut tx, lease).await?;
        let row = lock_partition(&mut tx, prepared.partition).await?;
        if let Some(stored) = row.last_started_at.filter(|it| prepared.started_at < *it) {
            return Err(StoreError::OlderSnapshot {
                partition: prepared.partition.clone(),
                started_at: prepared.started_at,
                stored,
            });
        }
        let applied = apply_locked(&mut tx, &row, prepared, types, removal, load).await?;
        tx.commit().await.map_err(StoreError::attempting("commit a snapshot"))?;
        if applied.skipped_foreign > 0 {
            warn!(
                account.id = %prepared.partition.account,
                region = %prepared.partition.region,
                collector = %prepared.partition.collector,
                "{} rows of {} belong to other partitions and were left alone",
                applied.skipped_foreign,
                prepared.partition,
            );
        }
        Ok(applied)
    }
}

async fn apply_locked(
    tx: &mut PgConnection,
    row: &PartitionRow,
    prepared: &mut Prepared<'_>,
    types: &RelationshipTypes,
    removal: Removal<'_>,
    load: Load,
) -> Result<Applied> {
    // A clock that runs ahead must not lock out the daemons whose clocks do not.
    let started_at = prepared.started_at.min(row.now);
    let (trust, reason) = match removal {
        Removal::Guarded(_) => (prepared.trust, ""),
        Removal::Decreed(reason) => (Trust::Absence, reason),
    };
    let mut applied = Applied::nothing(prepared.outcome.status);
    write_gaps(tx, row, prepared).await?;
    if trust == Trust::Nothing {
        record_attempt(tx, row.partition_id, prepared, started_at).await?;
        return Ok(applied);
    }
    keep_unknown(tx, row.partition_id, prepared).await?;
    let may_skip = !row.is_held && prepared.kept.is_empty() && (row.seq + 1) % FORCED_COMPARISON != 0;
    if may_skip && row.digest == Some(prepared.digest()) && matches!(removal, Removal::Guarded(_)) {
        record_unchanged(tx, row.partition_id, prepared, started_at).await?;
        applied.unchanged = true;
        return Ok(applied);
    }

    let is_new = row.seq == 0;
    let comparison = if is_new {
        Comparison::with_nothing(&prepared.marks)
    } else {
        let Prepared { marks, protected, kept, .. } = &*prepared;
        Comparison::read(tx, row.partition_id, marks, protected, kept, types).await?
    };
    let held = read_hold(tx, row).await?;
    let verdict = Verdict::new(removal, trust, started_at, prepared, &comparison, held);
    let changes = Changes::new(prepared, &comparison, &verdict.remove);
    let load = if is_new { load } else { Load::Upsert };
    let written = write(tx, row, prepared, types, &changes, load, reason).await?;
    count(&mut applied, &changes, prepared, &comparison, &written.foreign);

    let (outcome, waiting) = outcome(prepared, &verdict, &comparison, &mut applied);
    write_hold(tx, row, waiting).await?;
    applied.status = outcome.status;
    let stored = StoredAfter::new(prepared, &comparison, &verdict.remove, &written.foreign);
    let record = Record {
        started_at,
        outcome: &outcome,
        digest: Some(stored.digest),
        entities: signed(stored.entities as u64),
        relationships: signed(stored.relationships as u64),
        is_held: verdict.held.is_some(),
        written_at: written.at,
    };
    record_applied(tx, row.partition_id, prepared, &record).await?;
    Ok(applied)
}

/// What is recorded of the run, and of the removals that wait: the listing may be whole, but the rows are then not yet
/// what it says.
fn outcome<'v>(
    prepared: &Prepared<'_>,
    verdict: &'v Verdict,
    comparison: &Comparison,
    applied: &mut Applied,
) -> (Outcome, Option<Waiting<'v>>) {
    let outcome = prepared.outcome.clone();
    let Some((held, why)) = &verdict.held else { return (outcome, None) };
    let rows = verdict.waiting(comparison);
    applied.held = Some(Holding { rows, confirm_at: held.since + verdict.confirm_after });
    let reason = match why {
        Some(HoldReason::Emptied) => "the listing was empty",
        Some(HoldReason::Shrunk) => "the listing missed many rows",
        None => "an earlier listing missed rows",
    };
    let sentence = format!(
        "{reason}: the removal of {} entities and {} relationships waits for a second listing",
        rows.entities, rows.relationships,
    );
    let whole = outcome.reason.map_or_else(|| sentence.clone(), |it| format!("{it}; {sentence}"));
    (Outcome::because(Status::Partial, whole), Some(Waiting { held, reason, rows }))
}

pub(crate) fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
