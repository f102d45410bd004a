//! The one write path: a snapshot becomes rows, or is refused.
//!
//! One transaction per partition. It checks the lease, locks the partition, compares digests, and only when they
//! differ reads what is stored, decides with `orgraph_plan` and writes the difference.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use chrono::{DateTime, TimeDelta, Utc};
use orgraph_model::{ContentHash, EntityId, Outcome, Snapshot, Status};
use orgraph_plan::{CommitPlan, GuardSettings, Held, HoldReason, Listing, StoredRows, Trust, commit_plan};
use sqlx::PgConnection;
use tracing::warn;
use uuid::Uuid;

use crate::digest::RelationshipId;
use crate::lease::check_lease;
use crate::partition::{
    PartitionRow, Record, confirm_unchanged, lock_partition, read_hold, record_applied, record_attempt,
    record_unchanged, write_gaps, write_hold,
};
use crate::prepare::Prepared;
use crate::stored::{Stored, keep_unknown};
use crate::write::{Changes, Load, write};
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
const FORCED_COMPARISON: i64 = 24;
const ATTEMPTS: u32 = 4;

impl Store {
    /// Makes the stored rows of a partition those of the snapshot, as far as it can be trusted.
    ///
    /// Only a complete listing removes anything, within what `guard` allows. Properties that the run could not read
    /// keep their values. Rows of other partitions are never touched. Either everything is written or nothing is.
    pub async fn reconcile(
        &self,
        lease: &Lease,
        snapshot: Snapshot,
        guard: &GuardSettings,
    ) -> Result<Applied> {
        self.apply(lease, snapshot, Removal::Guarded(guard)).await
    }

    pub(crate) async fn apply(
        &self,
        lease: &Lease,
        snapshot: Snapshot,
        removal: Removal<'_>,
    ) -> Result<Applied> {
        if snapshot.partition.account != lease.account {
            return Err(StoreError::WrongAccount {
                partition: snapshot.partition,
                lease: lease.account.clone(),
            });
        }
        let types = self.relationship_types(&snapshot.relationships).await?;
        let mut prepared = Prepared::new(snapshot, &types);
        drop(types);
        if self.is_unchanged(lease, &prepared, removal).await? {
            return Ok(Applied { unchanged: true, ..Applied::nothing(prepared.outcome.status) });
        }
        let mut load = Load::Copy;
        for attempt in 1.. {
            match self.try_apply(lease, &mut prepared, removal, load).await {
                // COPY cannot step aside for a row that another partition or a placeholder holds.
                Err(error) if error.is_duplicate() && load == Load::Copy => load = Load::Upsert,
                Err(error) if error.is_conflict() && attempt < ATTEMPTS => {}
                result => return result,
            }
        }
        unreachable!("the loop returns")
    }

    /// The short way of most runs: one statement checks everything that the transaction would, and touches one row.
    async fn is_unchanged(&self, lease: &Lease, prepared: &Prepared, removal: Removal<'_>) -> Result<bool> {
        let may_be_short = matches!(removal, Removal::Guarded(_))
            && prepared.trust != Trust::Nothing
            && prepared.unknown().is_empty();
        if !may_be_short {
            return Ok(false);
        }
        let digest = prepared.digest();
        confirm_unchanged(&self.pool, lease, prepared, digest, FORCED_COMPARISON).await
    }

    async fn try_apply(
        &self,
        lease: &Lease,
        prepared: &mut Prepared,
        removal: Removal<'_>,
        load: Load,
    ) -> Result<Applied> {
        let mut tx = self.pool.begin().await.map_err(StoreError::attempting("begin a transaction"))?;
        check_lease(&mut tx, lease).await?;
        let row = lock_partition(&mut tx, &prepared.partition).await?;
        if let Some(stored) = row.last_started_at.filter(|it| prepared.started_at < *it) {
            return Err(StoreError::OlderSnapshot {
                partition: prepared.partition.clone(),
                started_at: prepared.started_at,
                stored,
            });
        }
        let applied = apply_locked(&mut tx, &row, prepared, removal, load).await?;
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
    prepared: &mut Prepared,
    removal: Removal<'_>,
    load: Load,
) -> Result<Applied> {
    // A clock that runs ahead must not lock out the daemons whose clocks do not.
    let started_at = prepared.started_at.min(row.now);
    let trust = match removal {
        Removal::Guarded(_) => prepared.trust,
        Removal::Decreed(_) => Trust::Absence,
    };
    let mut applied = Applied::nothing(prepared.outcome.status);
    write_gaps(tx, row, prepared).await?;
    if trust == Trust::Nothing {
        record_attempt(tx, row.partition_id, prepared, started_at).await?;
        return Ok(applied);
    }
    keep_unknown(tx, row.partition_id, prepared).await?;
    let may_skip = !row.is_held && (row.seq + 1) % FORCED_COMPARISON != 0;
    if may_skip && row.digest == Some(prepared.digest()) && matches!(removal, Removal::Guarded(_)) {
        record_unchanged(tx, row.partition_id, prepared, started_at).await?;
        applied.unchanged = true;
        return Ok(applied);
    }

    let is_new = row.seq == 0;
    let mut stored = if is_new { Stored::default() } else { Stored::read(tx, row.partition_id).await? };
    let missing = Missing::find(&stored, prepared);
    let held = read_hold(tx, row).await?;
    let verdict = verdict(removal, trust, started_at, &stored, prepared, &missing, held);
    let changes = changes(&stored, prepared, &missing, &verdict.remove);
    let reason = match removal {
        Removal::Guarded(_) => "",
        Removal::Decreed(reason) => reason,
    };
    let load = if is_new { load } else { Load::Upsert };
    let written_at = write(tx, row, prepared, &changes, load, reason, &mut stored, &mut applied).await?;

    let mut outcome = prepared.outcome.clone();
    let mut waiting = None;
    if let Some((held, why)) = &verdict.held {
        let rows = missing.count(&held.rows);
        applied.held = Some(Holding { rows, confirm_at: held.since + verdict.confirm_after });
        let reason = match why {
            Some(HoldReason::Emptied) => "the listing was empty",
            Some(HoldReason::Shrunk) => "the listing missed many rows",
            None => "an earlier listing missed rows",
        };
        waiting = Some((held, reason, signed(rows.entities), signed(rows.relationships)));
        // The listing may be whole, but the rows are not yet what it says.
        let sentence = format!(
            "{reason}: the removal of {} entities and {} relationships waits for a second listing",
            rows.entities, rows.relationships,
        );
        let reason = outcome.reason.map_or_else(|| sentence.clone(), |it| format!("{it}; {sentence}"));
        outcome = Outcome::because(Status::Partial, reason);
    }
    write_hold(tx, row, waiting).await?;
    applied.status = outcome.status;
    let record = Record {
        started_at,
        outcome: &outcome,
        digest: Some(stored.digest()),
        entities: signed(stored.entities() as u64),
        relationships: signed(stored.relationships.len() as u64),
        is_held: verdict.held.is_some(),
        written_at,
    };
    record_applied(tx, row.partition_id, prepared, &record).await?;
    Ok(applied)
}

/// The stored rows that the snapshot neither names nor protects, by the names the guard knows them by.
struct Missing {
    entities: BTreeSet<EntityId>,
    relationships: BTreeMap<Uuid, RelationshipId>,
    references: BTreeSet<ContentHash>,
}

impl Missing {
    fn find(stored: &Stored, prepared: &Prepared) -> Self {
        let protects = |id: &EntityId| prepared.protected.contains(id);
        Self {
            entities: stored
                .own
                .keys()
                .chain(stored.contributed.keys())
                .filter(|it| !prepared.has_entity(it) && !protects(it))
                .copied()
                .collect(),
            relationships: stored
                .relationships
                .keys()
                .filter(|it| {
                    !prepared.relationships.contains_key(it) && !protects(&it.from) && !protects(&it.to)
                })
                .map(|it| (it.row_id(), it.clone()))
                .collect(),
            references: stored
                .references
                .iter()
                .filter(|(hash, from)| !prepared.references.contains_key(hash) && !protects(from))
                .map(|(hash, _)| *hash)
                .collect(),
        }
    }

    fn count(&self, rows: &BTreeSet<Uuid>) -> Count {
        Count {
            entities: self.entities.intersection(rows).count() as u64,
            relationships: rows.iter().filter(|it| self.relationships.contains_key(it)).count() as u64,
        }
    }
}

struct Verdict {
    remove: BTreeSet<Uuid>,
    /// What waits, and why if it is this listing that says so.
    held: Option<(Held, Option<HoldReason>)>,
    confirm_after: TimeDelta,
}

fn verdict(
    removal: Removal<'_>,
    trust: Trust,
    started_at: DateTime<Utc>,
    stored: &Stored,
    prepared: &Prepared,
    missing: &Missing,
    held: Option<Held>,
) -> Verdict {
    let relationships: BTreeSet<Uuid> = missing.relationships.keys().copied().collect();
    let guard = match removal {
        Removal::Guarded(guard) => guard,
        Removal::Decreed(_) => {
            let remove =
                missing.entities.iter().chain(&relationships).chain(&missing.references).copied().collect();
            return Verdict { remove, held: None, confirm_after: TimeDelta::zero() };
        }
    };
    // Derived relationships have partitions of their own, without entities to count.
    let has_entities = stored.entities() > 0;
    let (counted_stored, counted_named, counted_missing, others) = if has_entities {
        let named = prepared.own.len() + prepared.contributed.len();
        (stored.entities(), named, missing.entities.clone(), relationships)
    } else {
        (stored.relationships.len(), prepared.relationships.len(), relationships, BTreeSet::new())
    };
    let listing = Listing {
        started_at,
        trust,
        counted: counted_named as u64,
        missing: counted_missing,
        missing_others: others.union(&missing.references).copied().collect(),
    };
    let rows = StoredRows { counted: counted_stored as u64, held };
    let (remove, held) = match commit_plan(guard, &rows, &listing) {
        CommitPlan::KeepRows => (BTreeSet::new(), rows.held.map(|it| (it, None))),
        CommitPlan::ApplyWithoutRemoval { held } => (BTreeSet::new(), held.map(|it| (it, None))),
        CommitPlan::ApplyAndRemove { remove } => (remove, None),
        CommitPlan::Hold { remove, held, reason } => (remove, Some((held, Some(reason)))),
    };
    Verdict { remove, held, confirm_after: guard.confirm_after }
}

fn changes(stored: &Stored, prepared: &Prepared, missing: &Missing, remove: &BTreeSet<Uuid>) -> Changes {
    let differs = |found: Option<&ContentHash>, hash: &ContentHash| found != Some(hash);
    let removed_entities: Vec<EntityId> = missing.entities.intersection(remove).copied().collect();
    // An entity that was this partition's own and is now a mere contribution, or the other way round, is not missing.
    let released: HashSet<EntityId> =
        stored.own.keys().filter(|it| prepared.contributed.contains_key(it)).copied().collect();
    let withdrawn: Vec<EntityId> = stored
        .contributed
        .keys()
        .filter(|it| prepared.own.contains_key(it) || removed_entities.binary_search(it).is_ok())
        .copied()
        .collect();
    Changes {
        own: prepared
            .own
            .iter()
            .filter(|(id, row)| differs(stored.own.get(id), &row.hash))
            .map(|(id, _)| *id)
            .collect(),
        contributed: prepared
            .contributed
            .iter()
            .filter(|(id, row)| differs(stored.contributed.get(id), &row.hash))
            .map(|(id, _)| *id)
            .collect(),
        relationships: prepared
            .relationships
            .iter()
            .filter(|(id, row)| differs(stored.relationships.get(id), &row.hash))
            .map(|(id, _)| id.clone())
            .collect(),
        references: prepared
            .references
            .keys()
            .filter(|it| !stored.references.contains_key(it))
            .copied()
            .collect(),
        removed_own: removed_entities.iter().filter(|it| stored.own.contains_key(it)).copied().collect(),
        released,
        withdrawn,
        removed_relationships: missing
            .relationships
            .iter()
            .filter(|(row_id, _)| remove.contains(row_id))
            .map(|(_, id)| id.clone())
            .collect(),
        removed_references: missing.references.intersection(remove).copied().collect(),
    }
}

pub(crate) fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
