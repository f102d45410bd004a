//! Writing the difference between what is stored and what was found.
//!
//! Rows of one table are always written in the order of their identities and shared entities are locked first, so that
//! two partitions that meet at a placeholder wait for each other instead of locking each other out.

mod contributions;
mod entities;
mod references;
mod relationships;

use std::collections::{BTreeSet, HashMap, HashSet};

use chrono::{DateTime, TimeDelta, Utc};
use orgraph_model::EntityId;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::bulk;
use crate::changes::Changes;
use crate::merge::merge_contributions;
use crate::partition::PartitionRow;
use crate::prepare::Prepared;
use crate::relationship_type::{Numbers, RelationshipTypes};
use crate::{Result, StoreError};

/// How rows that are not there yet get in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Load {
    /// Straight into the tables. Fails as a whole if any row is there.
    Copy,
    /// One by one, stepping aside for rows of other partitions.
    Upsert,
}

/// Bounds the memory of one statement on both sides.
pub(crate) const MAX_STATEMENT_ROWS: usize = 1_000;
/// The same for statements that carry nothing but identities.
const MAX_STATEMENT_IDS: usize = 50_000;

/// What was written.
#[derive(Debug, Default)]
pub(crate) struct Written {
    /// The time of the new versions, if there are any.
    pub at: Option<DateTime<Utc>>,
    /// Entities and relationships that belong to other partitions and were left alone.
    pub foreign: HashSet<Uuid>,
}

/// What every statement of one write needs.
#[derive(Debug, Clone, Copy)]
struct Work<'w> {
    partition_id: i32,
    ts: DateTime<Utc>,
    prepared: &'w Prepared<'w>,
    numbers: &'w Numbers,
}

/// Writes the changes.
pub(crate) async fn write(
    tx: &mut PgConnection,
    row: &PartitionRow,
    prepared: &Prepared<'_>,
    types: &RelationshipTypes,
    changes: &Changes<'_>,
    load: Load,
    reason: &str,
) -> Result<Written> {
    if changes.is_empty() {
        return Ok(Written::default());
    }
    let numbers = &types.numbers(&prepared.marks.kinds)?;
    let shared = lock_shared(tx, prepared, changes, load).await?;
    let ts = begin_writing(tx, row, &shared, reason).await?;
    let work = Work { partition_id: row.partition_id, ts, prepared, numbers };
    let mut foreign = HashSet::new();

    let is_bulk = load == Load::Copy;
    if is_bulk {
        bulk::copy_entities(tx, work.partition_id, ts, prepared).await?;
        bulk::copy_relationships(tx, work.partition_id, ts, prepared, numbers).await?;
    } else {
        work.upsert_own(tx, &changes.own, &mut foreign).await?;
    }

    work.delete_contributions(tx, &changes.withdrawn).await?;
    work.upsert_contributions(tx, &changes.contributed).await?;
    // An own row that others still speak of becomes their placeholder again instead of ending.
    let mut released: HashSet<EntityId> = changes.released.iter().copied().collect();
    released.extend(still_contributed(tx, &changes.removed_own).await?);
    let ended: Vec<EntityId> =
        changes.removed_own.iter().filter(|it| !released.contains(it)).copied().collect();
    work.delete_entities(tx, &ended).await?;
    let contributed = changes.contributed.iter().map(|at| prepared.marks.contributed[*at].id);
    let merge: BTreeSet<EntityId> =
        contributed.chain(changes.withdrawn.iter().copied()).chain(released.iter().copied()).collect();
    merge_contributions(tx, ts, &merge, &released).await?;
    touch_shared(tx, ts, &shared).await?;

    if !is_bulk {
        work.upsert_relationships(tx, &changes.relationships, &mut foreign).await?;
    }
    work.delete_relationships(tx, &changes.removed_relationships).await?;
    work.insert_references(tx, &changes.references).await?;
    work.delete_references(tx, &changes.removed_references).await?;
    Ok(Written { at: Some(ts), foreign })
}

/// Locks the shared entities that the changes may meet, and tells when each was last written.
async fn lock_shared(
    tx: &mut PgConnection,
    prepared: &Prepared<'_>,
    changes: &Changes<'_>,
    load: Load,
) -> Result<HashMap<EntityId, Option<DateTime<Utc>>>> {
    let marks = &prepared.marks;
    let contributed: Vec<EntityId> = changes
        .contributed
        .iter()
        .map(|at| marks.contributed[*at].id)
        .chain(changes.withdrawn.iter().copied())
        .chain(changes.released.iter().copied())
        .collect();
    // With COPY, a placeholder in the way makes the statement fail, and the upsert that follows comes through here.
    let met: Vec<EntityId> = match load {
        Load::Copy => Vec::new(),
        Load::Upsert => {
            let own = changes.own.iter().map(|at| marks.own[*at].id);
            own.chain(changes.removed_own.iter().copied()).collect()
        }
    };
    if contributed.is_empty() && met.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<(Uuid, Option<DateTime<Utc>>)> =
        sqlx::query_as(include_str!("../queries/lock_shared_entities.sql"))
            .bind(contributed)
            .bind(met)
            .fetch_all(tx)
            .await
            .map_err(StoreError::attempting("lock shared entities"))?;
    Ok(rows.into_iter().collect())
}

async fn touch_shared(
    tx: &mut PgConnection,
    ts: DateTime<Utc>,
    shared: &HashMap<EntityId, Option<DateTime<Utc>>>,
) -> Result<()> {
    if shared.is_empty() {
        return Ok(());
    }
    sqlx::query("UPDATE orgraph_internal.shared_entity AS s SET last_written_at = $1 WHERE s.id = ANY($2)")
        .bind(ts)
        .bind(shared.keys().copied().collect::<Vec<_>>())
        .execute(tx)
        .await
        .map_err(StoreError::attempting("mark shared entities"))?;
    Ok(())
}

/// Tells the history triggers who writes and when. The time is read after all locks are held, since a transaction's
/// own time is from before the wait, and it never lies before a version of the rows that are about to change.
async fn begin_writing(
    tx: &mut PgConnection,
    row: &PartitionRow,
    shared: &HashMap<EntityId, Option<DateTime<Utc>>>,
    reason: &str,
) -> Result<DateTime<Utc>> {
    let last = shared.values().copied().chain([row.last_written_at]).flatten().max();
    let ts = sqlx::query_scalar(include_str!("../queries/begin_writing.sql"))
        .bind(row.partition_id)
        .bind(last.map(|it| it + TimeDelta::microseconds(1)))
        .bind(reason)
        .fetch_one(tx)
        .await
        .map_err(StoreError::attempting("begin writing"))?;
    Ok(ts)
}

async fn still_contributed(tx: &mut PgConnection, ids: &[EntityId]) -> Result<Vec<EntityId>> {
    let mut found = Vec::new();
    for ids in ids.chunks(MAX_STATEMENT_IDS) {
        let some: Vec<EntityId> = sqlx::query_scalar(
            "SELECT DISTINCT c.entity_id FROM orgraph_internal.contribution AS c WHERE c.entity_id = ANY($1)",
        )
        .bind(ids)
        .fetch_all(&mut *tx)
        .await
        .map_err(StoreError::attempting("look for contributions"))?;
        found.extend(some);
    }
    Ok(found)
}
