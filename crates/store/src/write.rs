//! Writing the difference between what is stored and what was found.
//!
//! Rows of one table are always written in the order of their identities and shared entities are locked first, so that
//! two partitions that meet at a placeholder wait for each other instead of locking each other out.

use std::collections::{BTreeSet, HashMap, HashSet};

use chrono::{DateTime, TimeDelta, Utc};
use orgraph_model::{ContentHash, Entity, EntityId, Properties, Reference, Relationship, Verb};
use sqlx::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;

use crate::apply::Applied;
use crate::bulk;
use crate::connect::RelationshipTypes;
use crate::digest::RelationshipId;
use crate::merge::merge_contributions;
use crate::partition::PartitionRow;
use crate::prepare::{Prepared, Row};
use crate::stored::Stored;
use crate::{Result, Store, StoreError};

/// How rows that are not there yet get in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Load {
    /// Straight into the tables. Fails as a whole if any row is there.
    Copy,
    /// One by one, stepping aside for rows of other partitions.
    Upsert,
}

/// What to write, by identity.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    pub own: Vec<EntityId>,
    pub contributed: Vec<EntityId>,
    pub relationships: Vec<RelationshipId>,
    pub references: Vec<ContentHash>,
    /// Own rows that end.
    pub removed_own: Vec<EntityId>,
    /// Own rows that become contributions.
    pub released: HashSet<EntityId>,
    /// Contributions that end.
    pub withdrawn: Vec<EntityId>,
    pub removed_relationships: Vec<RelationshipId>,
    pub removed_references: Vec<ContentHash>,
}

impl Changes {
    fn is_empty(&self) -> bool {
        self.own.is_empty()
            && self.contributed.is_empty()
            && self.relationships.is_empty()
            && self.references.is_empty()
            && self.removed_own.is_empty()
            && self.released.is_empty()
            && self.withdrawn.is_empty()
            && self.removed_relationships.is_empty()
            && self.removed_references.is_empty()
    }
}

/// Below this, one statement is cheaper than the three messages of a COPY.
const MIN_COPY_ROWS: usize = 16;
/// Bounds the memory of one statement on both sides.
const MAX_STATEMENT_ROWS: usize = 10_000;

/// Writes the changes, makes `stored` what is stored then, and counts into `applied`. Gives the time of the new
/// versions, if there are any.
#[expect(clippy::too_many_arguments, reason = "one caller; a struct would only give the list a name")]
pub(crate) async fn write(
    tx: &mut PgConnection,
    row: &PartitionRow,
    prepared: &Prepared,
    changes: &Changes,
    load: Load,
    reason: &str,
    stored: &mut Stored,
    applied: &mut Applied,
) -> Result<Option<DateTime<Utc>>> {
    if changes.is_empty() {
        return Ok(None);
    }
    let shared = lock_shared(tx, changes, load).await?;
    let ts = begin_writing(tx, row, &shared, reason).await?;
    let partition_id = row.partition_id;

    let is_bulk = load == Load::Copy && changes.own.len() + changes.relationships.len() >= MIN_COPY_ROWS;
    if is_bulk {
        bulk::copy_entities(tx, partition_id, ts, prepared).await?;
        bulk::copy_relationships(tx, partition_id, ts, prepared).await?;
    }
    let mut foreign = 0;
    let written: HashSet<EntityId> = if is_bulk {
        changes.own.iter().copied().collect()
    } else {
        upsert_own(tx, row, ts, prepared, changes).await?
    };
    for id in &changes.own {
        if written.contains(id) {
            match stored.own.insert(*id, prepared.own[id].hash) {
                None if stored.contributed.contains_key(id) => applied.changed.entities += 1,
                None => applied.created.entities += 1,
                Some(_) => applied.changed.entities += 1,
            }
        } else {
            foreign += 1;
        }
    }

    delete_contributions(tx, partition_id, &changes.withdrawn).await?;
    upsert_contributions(tx, partition_id, prepared, &changes.contributed).await?;
    let mut ended: BTreeSet<EntityId> = changes.removed_own.iter().copied().collect();
    for id in &changes.withdrawn {
        stored.contributed.remove(id);
        if !prepared.own.contains_key(id) {
            applied.removed.entities += 1;
        }
    }
    for id in &changes.contributed {
        let before = stored.contributed.insert(*id, prepared.contributed[id].hash);
        if before.is_some() || stored.own.contains_key(id) {
            applied.changed.entities += 1;
        } else {
            applied.created.entities += 1;
        }
    }
    // An own row that others still speak of becomes their placeholder again instead of ending.
    let mut released = changes.released.clone();
    released.extend(still_contributed(tx, &changes.removed_own).await?);
    ended.retain(|it| !released.contains(it));
    delete_entities(tx, partition_id, &ended).await?;
    for id in changes.removed_own.iter().chain(&changes.released) {
        stored.own.remove(id);
    }
    applied.removed.entities += changes.removed_own.len() as u64;
    let merge: BTreeSet<EntityId> =
        changes.contributed.iter().chain(&changes.withdrawn).chain(&released).copied().collect();
    merge_contributions(tx, ts, &merge, &released).await?;
    touch_shared(tx, ts, &shared).await?;

    let written: HashSet<RelationshipId> = if is_bulk {
        changes.relationships.iter().cloned().collect()
    } else {
        upsert_relationships(tx, partition_id, ts, prepared, &changes.relationships).await?
    };
    for id in &changes.relationships {
        if !written.contains(id) {
            foreign += 1;
        } else if stored.relationships.insert(id.clone(), prepared.relationships[id].hash).is_some() {
            applied.changed.relationships += 1;
        } else {
            applied.created.relationships += 1;
        }
    }
    delete_relationships(tx, partition_id, &changes.removed_relationships).await?;
    for id in &changes.removed_relationships {
        stored.relationships.remove(id);
    }
    applied.removed.relationships += changes.removed_relationships.len() as u64;

    insert_references(tx, partition_id, prepared, &changes.references).await?;
    delete_references(tx, partition_id, &changes.removed_references).await?;
    for hash in &changes.references {
        stored.references.insert(*hash, prepared.references[hash].from.key.id());
    }
    for hash in &changes.removed_references {
        stored.references.remove(hash);
    }
    applied.skipped_foreign = foreign;
    Ok(Some(ts))
}

/// Locks the shared entities that the changes may meet, and tells when each was last written.
async fn lock_shared(
    tx: &mut PgConnection,
    changes: &Changes,
    load: Load,
) -> Result<HashMap<EntityId, Option<DateTime<Utc>>>> {
    let contributed: Vec<EntityId> =
        changes.contributed.iter().chain(&changes.withdrawn).chain(&changes.released).copied().collect();
    // With COPY, a placeholder in the way makes the statement fail, and the upsert that follows comes through here.
    let met: Vec<EntityId> = match load {
        Load::Copy => Vec::new(),
        Load::Upsert => changes.own.iter().chain(&changes.removed_own).copied().collect(),
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

async fn upsert_own(
    tx: &mut PgConnection,
    row: &PartitionRow,
    ts: DateTime<Utc>,
    prepared: &Prepared,
    changes: &Changes,
) -> Result<HashSet<EntityId>> {
    let mut written = HashSet::with_capacity(changes.own.len());
    for ids in changes.own.chunks(MAX_STATEMENT_ROWS) {
        let rows: Vec<_> = ids.iter().map(|it| &prepared.own[it]).collect();
        let columns = EntityColumns::of(ids, &rows);
        let found: Vec<Uuid> = sqlx::query_scalar(include_str!("../queries/upsert_entities.sql"))
            .bind(row.partition_id)
            .bind(ts)
            .bind(columns.ids)
            .bind(columns.types)
            .bind(columns.classes)
            .bind(columns.accounts)
            .bind(columns.regions)
            .bind(columns.keys)
            .bind(columns.names)
            .bind(columns.display_names)
            .bind(columns.hashes)
            .bind(columns.properties)
            .bind(columns.tags)
            .fetch_all(&mut *tx)
            .await
            .map_err(StoreError::attempting("write entities"))?;
        written.extend(found);
    }
    Ok(written)
}

/// Entities as arrays, one per column.
struct EntityColumns<'a> {
    ids: Vec<Uuid>,
    types: Vec<&'a str>,
    classes: Vec<String>,
    accounts: Vec<&'a str>,
    regions: Vec<&'a str>,
    keys: Vec<&'a str>,
    names: Vec<Option<&'a str>>,
    display_names: Vec<Option<&'a str>>,
    hashes: Vec<Uuid>,
    properties: Vec<Json<&'a Properties>>,
    tags: Vec<Json<&'a Properties>>,
}

impl<'a> EntityColumns<'a> {
    fn of(ids: &[EntityId], rows: &[&'a Row<Entity>]) -> Self {
        let entities = || rows.iter().map(|it| &it.it);
        Self {
            ids: ids.to_vec(),
            types: entities().map(|it| it.entity_type.name).collect(),
            classes: entities().map(|it| it.entity_type.class.join(",")).collect(),
            accounts: entities().map(|it| it.account.as_str()).collect(),
            regions: entities().map(|it| it.region.as_str()).collect(),
            keys: entities().map(|it| it.key.as_str()).collect(),
            names: entities().map(|it| it.name.as_deref()).collect(),
            display_names: entities().map(|it| it.display_name.as_deref()).collect(),
            hashes: rows.iter().map(|it| it.hash).collect(),
            properties: entities().map(|it| Json(&it.properties)).collect(),
            tags: entities().map(|it| Json(&it.tags)).collect(),
        }
    }
}

async fn upsert_contributions(
    tx: &mut PgConnection,
    partition_id: i32,
    prepared: &Prepared,
    ids: &[EntityId],
) -> Result<()> {
    for ids in ids.chunks(MAX_STATEMENT_ROWS) {
        let rows: Vec<_> = ids.iter().map(|it| &prepared.contributed[it]).collect();
        let columns = EntityColumns::of(ids, &rows);
        let placeholders: Vec<bool> =
            rows.iter().map(|it| it.it.source == orgraph_model::Source::SystemMapper).collect();
        let volatile: Vec<String> = rows.iter().map(|it| it.it.volatile.join(",")).collect();
        sqlx::query(include_str!("../queries/upsert_contributions.sql"))
            .bind(partition_id)
            .bind(columns.ids)
            .bind(placeholders)
            .bind(columns.types)
            .bind(columns.classes)
            .bind(columns.accounts)
            .bind(columns.regions)
            .bind(columns.keys)
            .bind(columns.names)
            .bind(columns.display_names)
            .bind(columns.hashes)
            .bind(volatile)
            .bind(columns.properties)
            .bind(columns.tags)
            .execute(&mut *tx)
            .await
            .map_err(StoreError::attempting("write contributions"))?;
    }
    Ok(())
}

async fn delete_contributions(tx: &mut PgConnection, partition_id: i32, ids: &[EntityId]) -> Result<()> {
    if ids.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "DELETE FROM orgraph_internal.contribution AS c WHERE c.entity_id = ANY($2) AND c.partition_id = $1",
    )
    .bind(partition_id)
    .bind(ids)
    .execute(tx)
    .await
    .map_err(StoreError::attempting("delete contributions"))?;
    Ok(())
}

async fn still_contributed(tx: &mut PgConnection, ids: &[EntityId]) -> Result<Vec<EntityId>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    sqlx::query_scalar(
        "SELECT DISTINCT c.entity_id FROM orgraph_internal.contribution AS c WHERE c.entity_id = ANY($1)",
    )
    .bind(ids)
    .fetch_all(tx)
    .await
    .map_err(StoreError::attempting("look for contributions"))
}

async fn delete_entities(tx: &mut PgConnection, partition_id: i32, ids: &BTreeSet<EntityId>) -> Result<()> {
    if ids.is_empty() {
        return Ok(());
    }
    sqlx::query("DELETE FROM orgraph_internal.entity AS e WHERE e.id = ANY($2) AND e.partition_id = $1")
        .bind(partition_id)
        .bind(ids.iter().copied().collect::<Vec<_>>())
        .execute(tx)
        .await
        .map_err(StoreError::attempting("delete entities"))?;
    Ok(())
}

async fn upsert_relationships(
    tx: &mut PgConnection,
    partition_id: i32,
    ts: DateTime<Utc>,
    prepared: &Prepared,
    ids: &[RelationshipId],
) -> Result<HashSet<RelationshipId>> {
    let mut written = HashSet::with_capacity(ids.len());
    for ids in ids.chunks(MAX_STATEMENT_ROWS) {
        let rows: Vec<&Row<Relationship>> = ids.iter().map(|it| &prepared.relationships[it]).collect();
        let found: Vec<(Uuid, i16, Uuid, String)> =
            sqlx::query_as(include_str!("../queries/upsert_relationships.sql"))
                .bind(partition_id)
                .bind(ts)
                .bind(ids.iter().map(|it| it.from).collect::<Vec<_>>())
                .bind(ids.iter().map(|it| it.rel_type).collect::<Vec<_>>())
                .bind(ids.iter().map(|it| it.to).collect::<Vec<_>>())
                .bind(ids.iter().map(|it| it.discriminator.as_str()).collect::<Vec<_>>())
                .bind(rows.iter().map(|it| it.hash).collect::<Vec<_>>())
                .bind(rows.iter().map(|it| it.it.from.key.as_str()).collect::<Vec<_>>())
                .bind(rows.iter().map(|it| it.it.to.key.as_str()).collect::<Vec<_>>())
                .bind(rows.iter().map(|it| some_properties(&it.it.properties)).collect::<Vec<_>>())
                .fetch_all(&mut *tx)
                .await
                .map_err(StoreError::attempting("write relationships"))?;
        written.extend(found.into_iter().map(|(from, rel_type, to, discriminator)| RelationshipId {
            from,
            rel_type,
            to,
            discriminator,
        }));
    }
    Ok(written)
}

fn some_properties(properties: &Properties) -> Option<Json<&Properties>> {
    (!properties.is_empty()).then_some(Json(properties))
}

async fn delete_relationships(
    tx: &mut PgConnection,
    partition_id: i32,
    ids: &[RelationshipId],
) -> Result<()> {
    if ids.is_empty() {
        return Ok(());
    }
    sqlx::query(include_str!("../queries/delete_relationships.sql"))
        .bind(partition_id)
        .bind(ids.iter().map(|it| it.from).collect::<Vec<_>>())
        .bind(ids.iter().map(|it| it.rel_type).collect::<Vec<_>>())
        .bind(ids.iter().map(|it| it.to).collect::<Vec<_>>())
        .bind(ids.iter().map(|it| it.discriminator.as_str()).collect::<Vec<_>>())
        .execute(tx)
        .await
        .map_err(StoreError::attempting("delete relationships"))?;
    Ok(())
}

async fn insert_references(
    tx: &mut PgConnection,
    partition_id: i32,
    prepared: &Prepared,
    hashes: &[ContentHash],
) -> Result<()> {
    for hashes in hashes.chunks(MAX_STATEMENT_ROWS) {
        let references: Vec<&Reference> = hashes.iter().map(|it| &prepared.references[it]).collect();
        sqlx::query(include_str!("../queries/insert_references.sql"))
            .bind(partition_id)
            .bind(hashes)
            .bind(references.iter().map(|it| it.from.key.id()).collect::<Vec<_>>())
            .bind(references.iter().map(|it| it.from.key.as_str()).collect::<Vec<_>>())
            .bind(references.iter().map(|it| it.from.entity_type.name).collect::<Vec<_>>())
            .bind(references.iter().map(|it| it.verb.as_str()).collect::<Vec<_>>())
            .bind(references.iter().map(|it| it.to_type.name).collect::<Vec<_>>())
            .bind(references.iter().map(|it| it.property.as_str()).collect::<Vec<_>>())
            .bind(references.iter().map(|it| it.value.as_str()).collect::<Vec<_>>())
            .bind(references.iter().map(|it| it.reversed).collect::<Vec<_>>())
            .bind(references.iter().map(|it| it.any_region).collect::<Vec<_>>())
            .bind(references.iter().map(|it| Json(&it.properties)).collect::<Vec<_>>())
            .execute(&mut *tx)
            .await
            .map_err(StoreError::attempting("write references"))?;
    }
    Ok(())
}

async fn delete_references(tx: &mut PgConnection, partition_id: i32, hashes: &[ContentHash]) -> Result<()> {
    if hashes.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "DELETE FROM orgraph_internal.reference AS r WHERE r.partition_id = $1 AND r.content_hash = ANY($2)",
    )
    .bind(partition_id)
    .bind(hashes)
    .execute(tx)
    .await
    .map_err(StoreError::attempting("delete references"))?;
    Ok(())
}

impl Store {
    /// The numbers of all relationship types in use, those of `relationships` included. Numbers are given outside of
    /// the transactions that use them, so that they outlive a rollback.
    pub(crate) async fn relationship_types(
        &self,
        relationships: &[Relationship],
    ) -> Result<RelationshipTypes> {
        let wanted: HashSet<(&'static str, Verb, &'static str)> = relationships
            .iter()
            .map(|it| (it.from.entity_type.name, it.verb, it.to.entity_type.name))
            .collect();
        let known = |types: &RelationshipTypes| -> Option<RelationshipTypes> {
            wanted.iter().map(|it| Some((*it, *types.get(it)?))).collect()
        };
        if let Some(types) = self.relationship_types.read().ok().and_then(|it| known(&it)) {
            return Ok(types);
        }
        let wanted: Vec<_> = wanted.into_iter().collect();
        let attempting = || StoreError::attempting("number relationship types");
        let mut types = RelationshipTypes::new();
        // The second look finds what another daemon added in between.
        for query in [
            include_str!("../queries/number_relationship_types.sql"),
            include_str!("../queries/read_relationship_types.sql"),
        ] {
            let rows: Vec<(i64, i16)> = sqlx::query_as(query)
                .bind(wanted.iter().map(|it| it.0).collect::<Vec<_>>())
                .bind(wanted.iter().map(|it| it.1.as_str()).collect::<Vec<_>>())
                .bind(wanted.iter().map(|it| it.2).collect::<Vec<_>>())
                .fetch_all(&self.pool)
                .await
                .map_err(attempting())?;
            types.extend(rows.into_iter().filter_map(|(ordinal, number)| {
                Some((*wanted.get(usize::try_from(ordinal - 1).ok()?)?, number))
            }));
        }
        if let Ok(mut known) = self.relationship_types.write() {
            known.extend(types.iter().map(|(kind, number)| (*kind, *number)));
        }
        Ok(types)
    }
}
