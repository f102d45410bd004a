//! The rows of a snapshot next to those that are stored: which are new, changed, the same, or no longer named.
//!
//! Stored rows are read one by one, and only those that the snapshot does not name are remembered.

use std::collections::HashSet;

use futures_util::TryStreamExt;
use orgraph_model::{ContentHash, EntityId, Marks, RelationshipId, relationship_id};
use sqlx::{FromRow, PgConnection};
use uuid::Uuid;

use crate::prepare::find;
use crate::relationship_type::RelationshipTypes;
use crate::{Result, StoreError};

/// How a row of a snapshot stands to what is stored.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Standing {
    #[default]
    New,
    Changed,
    Same,
}

/// The same of an entity.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct EntityStanding {
    pub row: Standing,
    /// Whether it is stored as the other kind: a contribution instead of an own row, or the other way round.
    pub is_other_kind: bool,
}

/// A stored entity that the snapshot does not name.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AbsentEntity {
    pub id: EntityId,
    pub hash: ContentHash,
    pub is_own: bool,
    pub is_protected: bool,
}

/// A stored relationship that the snapshot does not name.
#[derive(Debug, Clone)]
pub(crate) struct AbsentRelationship {
    pub id: RelationshipId,
    pub hash: ContentHash,
    pub ends: StoredEnds,
    pub is_protected: bool,
}

/// What makes a stored relationship the one it is.
#[derive(Debug, Clone, FromRow)]
pub(crate) struct StoredEnds {
    pub from_id: EntityId,
    pub rel_type: i16,
    pub to_id: EntityId,
    pub discriminator: String,
}

/// A stored reference that the snapshot does not name.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AbsentReference {
    pub hash: ContentHash,
    pub is_protected: bool,
}

/// All rows of a snapshot, by the place of their mark, and what is stored besides.
#[derive(Debug, Default)]
pub(crate) struct Comparison {
    pub own: Vec<EntityStanding>,
    pub contributed: Vec<EntityStanding>,
    pub relationships: Vec<Standing>,
    pub references: Vec<Standing>,
    /// What the snapshot does not name, in the order of identities.
    pub absent_entities: Vec<AbsentEntity>,
    pub absent_relationships: Vec<AbsentRelationship>,
    pub absent_references: Vec<AbsentReference>,
    /// How many entities are stored.
    pub stored_entities: usize,
    /// How many relationships are stored.
    pub stored_relationships: usize,
    /// How many of the absent entities are as good as named, since they are at the ends of relationships that are.
    pub kept_entities: usize,
    /// How many of the absent relationships are as good as named, since nothing is said about where they start.
    pub kept_relationships: usize,
}

impl Comparison {
    /// With a partition of which nothing is stored.
    pub(crate) fn with_nothing(marks: &Marks) -> Self {
        Self {
            own: vec![EntityStanding::default(); marks.own.len()],
            contributed: vec![EntityStanding::default(); marks.contributed.len()],
            relationships: vec![Standing::New; marks.relationships.len()],
            references: vec![Standing::New; marks.references.len()],
            ..Self::default()
        }
    }

    /// With what is stored of the partition. `protected` is in order, and so is `kept`: where the relationships start
    /// that are as they are stored.
    pub(crate) async fn read(
        connection: &mut PgConnection,
        partition_id: i32,
        marks: &Marks,
        protected: &[EntityId],
        kept: &[EntityId],
        types: &RelationshipTypes,
    ) -> Result<Self> {
        let mut it = Self::with_nothing(marks);
        it.read_entities(connection, partition_id, marks, protected).await?;
        it.read_relationships(connection, partition_id, marks, protected, types).await?;
        it.keep(kept);
        it.read_references(connection, partition_id, marks, protected).await?;
        it.absent_entities.sort_unstable_by_key(|it| it.id);
        it.absent_relationships.sort_unstable_by_key(|it| it.id);
        it.absent_references.sort_unstable_by_key(|it| it.hash);
        Ok(it)
    }

    /// Protects the relationships that start at one of these, and the entities that stand in at their ends.
    fn keep(&mut self, starts: &[EntityId]) {
        let mut ends = HashSet::new();
        let is_kept = |it: &&mut AbsentRelationship| starts.binary_search(&it.ends.from_id).is_ok();
        for row in self.absent_relationships.iter_mut().filter(is_kept) {
            ends.insert(row.ends.to_id);
            row.is_protected = true;
            self.kept_relationships += 1;
        }
        for row in self.absent_entities.iter_mut().filter(|it| ends.contains(&it.id)) {
            row.is_protected = true;
            self.kept_entities += 1;
        }
    }

    async fn read_entities(
        &mut self,
        connection: &mut PgConnection,
        partition_id: i32,
        marks: &Marks,
        protected: &[EntityId],
    ) -> Result<()> {
        let attempting = || StoreError::attempting("read the entities of a partition");
        let mut rows =
            sqlx::query_as::<_, (Uuid, Uuid, bool)>(include_str!("../queries/read_entity_hashes.sql"))
                .bind(partition_id)
                .fetch(connection);
        while let Some((id, hash, is_own)) = rows.try_next().await.map_err(attempting())? {
            self.stored_entities += 1;
            let (mine, other) =
                if is_own { (&marks.own, &marks.contributed) } else { (&marks.contributed, &marks.own) };
            let (mine_found, other_found) = if is_own {
                (&mut self.own, &mut self.contributed)
            } else {
                (&mut self.contributed, &mut self.own)
            };
            if let Some(at) = find(mine, id) {
                mine_found[at].row = standing(mine[at].hash == hash);
            } else if let Some(at) = find(other, id) {
                other_found[at].is_other_kind = true;
            } else {
                let is_protected = protected.binary_search(&id).is_ok();
                self.absent_entities.push(AbsentEntity { id, hash, is_own, is_protected });
            }
        }
        Ok(())
    }

    async fn read_relationships(
        &mut self,
        connection: &mut PgConnection,
        partition_id: i32,
        marks: &Marks,
        protected: &[EntityId],
        types: &RelationshipTypes,
    ) -> Result<()> {
        let attempting = || StoreError::attempting("read the relationships of a partition");
        let mut rows =
            sqlx::query_as::<_, StoredRelationship>(include_str!("../queries/read_relationships.sql"))
                .bind(partition_id)
                .fetch(connection);
        while let Some(row) = rows.try_next().await.map_err(attempting())? {
            self.stored_relationships += 1;
            let id = row.id(types)?;
            if let Some(at) = find(&marks.relationships, id) {
                self.relationships[at] = standing(marks.relationships[at].hash == row.content_hash);
            } else {
                let is_protected =
                    [row.ends.from_id, row.ends.to_id].iter().any(|it| protected.binary_search(it).is_ok());
                let (hash, ends) = (row.content_hash, row.ends);
                self.absent_relationships.push(AbsentRelationship { id, hash, ends, is_protected });
            }
        }
        Ok(())
    }

    async fn read_references(
        &mut self,
        connection: &mut PgConnection,
        partition_id: i32,
        marks: &Marks,
        protected: &[EntityId],
    ) -> Result<()> {
        let attempting = || StoreError::attempting("read the references of a partition");
        let mut rows = sqlx::query_as::<_, (Uuid, Uuid)>(
            "SELECT r.content_hash, r.from_id FROM orgraph_internal.reference AS r WHERE r.partition_id = $1",
        )
        .bind(partition_id)
        .fetch(connection);
        while let Some((hash, from)) = rows.try_next().await.map_err(attempting())? {
            if let Ok(at) = marks.references.binary_search_by_key(&hash, |it| it.hash) {
                self.references[at] = Standing::Same;
            } else {
                let is_protected = protected.binary_search(&from).is_ok();
                self.absent_references.push(AbsentReference { hash, is_protected });
            }
        }
        Ok(())
    }
}

fn standing(is_same: bool) -> Standing {
    if is_same { Standing::Same } else { Standing::Changed }
}

#[derive(Debug, FromRow)]
struct StoredRelationship {
    #[sqlx(flatten)]
    ends: StoredEnds,
    content_hash: Uuid,
}

impl StoredRelationship {
    fn id(&self, types: &RelationshipTypes) -> Result<RelationshipId> {
        let StoredEnds { from_id, rel_type, to_id, discriminator } = &self.ends;
        Ok(relationship_id(types.kind(*rel_type)?, *from_id, *to_id, discriminator))
    }
}

/// The digest of what is stored of a partition, whatever is recorded of it.
pub(crate) async fn stored_digest(connection: &mut PgConnection, partition_id: i32) -> Result<Uuid> {
    let types = RelationshipTypes::read(&mut *connection).await?;
    let nothing = Marks::default();
    // Beside a snapshot that names nothing, everything is absent, and in order.
    let stored = Comparison::read(connection, partition_id, &nothing, &[], &[], &types).await?;
    Ok(crate::digest::digest(
        stored.absent_entities.iter().map(|it| (it.id, it.hash)),
        stored.absent_relationships.iter().map(|it| (it.id, it.hash)),
        stored.absent_references.iter().map(|it| it.hash),
    ))
}
