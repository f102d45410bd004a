//! A snapshot as rows: sanitized, one per identity, hashed. Everything that needs no database.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{DateTime, Utc};
use orgraph_model::{
    ContentHash, Entity, EntityId, Gap, GapKind, Key, Outcome, Partition, Properties, Reference,
    Relationship, Snapshot, Source,
};
use orgraph_plan::Trust;
use uuid::Uuid;

use crate::connect::RelationshipTypes;
use crate::digest::{RelationshipId, digest, gaps_digest};
use crate::sanitize::sanitize;

/// What is to be stored of a snapshot.
#[derive(Debug)]
pub(crate) struct Prepared {
    pub partition: Partition,
    pub started_at: DateTime<Utc>,
    pub outcome: Outcome,
    pub trust: Trust,
    pub calls: i64,
    pub duration_ms: i64,
    pub gaps: Vec<Gap>,
    pub gaps_digest: Option<Uuid>,
    /// Entities that the partition alone speaks of.
    pub own: BTreeMap<EntityId, Row<Entity>>,
    /// What the partition contributes to entities of shared types and placeholders.
    pub contributed: BTreeMap<EntityId, Row<Entity>>,
    pub relationships: BTreeMap<RelationshipId, Row<Relationship>>,
    pub references: BTreeMap<ContentHash, Reference>,
    /// Entities that stay although they are missing, and with them what touches them.
    pub protected: HashSet<EntityId>,
}

/// A thing with the hash of what it says.
#[derive(Debug)]
pub(crate) struct Row<T> {
    pub it: T,
    pub hash: ContentHash,
}

/// The values that an entity had before, for the properties that a run could not read.
#[derive(Debug)]
pub(crate) struct Previous {
    pub name: Option<String>,
    pub display_name: Option<String>,
    pub properties: Properties,
    pub tags: Properties,
}

impl Prepared {
    /// All relationship types of the snapshot have to be among `types`.
    pub(crate) fn new(mut snapshot: Snapshot, types: &RelationshipTypes) -> Self {
        sanitize(&mut snapshot);
        let trust = Trust::in_snapshot(&snapshot);
        let protected = snapshot.protected_keys().into_iter().map(Key::id).collect();
        let mut own = BTreeMap::new();
        let mut contributed = BTreeMap::new();
        for entity in snapshot.entities {
            let is_shared = entity.entity_type.shared || entity.source == Source::SystemMapper;
            let (rows, others) =
                if is_shared { (&mut contributed, &mut own) } else { (&mut own, &mut contributed) };
            let id = entity.key.id();
            // A key named twice is one row, and the last one wins, also over another kind of row.
            others.remove(&id);
            rows.insert(id, Row { hash: entity.content_hash(), it: entity });
        }
        let relationships = snapshot
            .relationships
            .into_iter()
            .filter_map(|it| {
                let rel_type = *types.get(&(it.from.entity_type.name, it.verb, it.to.entity_type.name))?;
                let id = RelationshipId {
                    from: it.from.key.id(),
                    rel_type,
                    to: it.to.key.id(),
                    discriminator: it.discriminator.clone(),
                };
                Some((id, Row { hash: it.content_hash(), it }))
            })
            .collect();
        Self {
            trust,
            protected,
            own,
            contributed,
            relationships,
            references: snapshot.references.into_iter().map(|it| (it.content_hash(), it)).collect(),
            gaps_digest: gaps_digest(&snapshot.gaps),
            gaps: snapshot.gaps,
            partition: snapshot.partition,
            started_at: snapshot.started_at,
            outcome: snapshot.outcome,
            calls: i64::try_from(snapshot.calls).unwrap_or(i64::MAX),
            duration_ms: i64::try_from(snapshot.duration_ms).unwrap_or(i64::MAX),
        }
    }

    /// The digest of the partition if exactly these rows are stored.
    pub(crate) fn digest(&self) -> Uuid {
        digest(
            self.own.iter().chain(&self.contributed).map(|(id, row)| (*id, row.hash)),
            self.relationships.iter().map(|(id, row)| (id, row.hash)),
            self.references.keys().copied(),
        )
    }

    pub(crate) fn has_entity(&self, id: &EntityId) -> bool {
        self.own.contains_key(id) || self.contributed.contains_key(id)
    }

    /// The entities with properties that could not be read, and those properties.
    pub(crate) fn unknown(&self) -> HashMap<EntityId, Vec<String>> {
        let mut unknown: HashMap<EntityId, Vec<String>> = HashMap::new();
        for gap in self.gaps.iter().filter(|it| it.kind == GapKind::Detail && !it.properties.is_empty()) {
            let Some(id) = gap.key.as_ref().map(Key::id) else { continue };
            if self.has_entity(&id) {
                unknown.entry(id).or_default().extend(gap.properties.iter().cloned());
            }
        }
        unknown
    }

    /// Gives an entity its previous values for the properties in `names` that the run did not read.
    pub(crate) fn keep_previous(&mut self, id: &EntityId, names: &[String], previous: &Previous) {
        let Some(row) = self.own.get_mut(id).or_else(|| self.contributed.get_mut(id)) else { return };
        let entity = &mut row.it;
        for name in names {
            match name.as_str() {
                "name" => entity.name = entity.name.take().or_else(|| previous.name.clone()),
                "displayName" => {
                    entity.display_name =
                        entity.display_name.take().or_else(|| previous.display_name.clone());
                }
                "tags" => previous.tags.keys().for_each(|tag| keep(&mut entity.tags, &previous.tags, tag)),
                name => match name.strip_prefix("tag.") {
                    Some(tag) => keep(&mut entity.tags, &previous.tags, tag),
                    None => keep(&mut entity.properties, &previous.properties, name),
                },
            }
        }
        row.hash = entity.content_hash();
    }
}

fn keep(members: &mut Properties, previous: &Properties, name: &str) {
    if let (false, Some(value)) = (members.contains_key(name), previous.get(name)) {
        members.insert(name.to_owned(), value.clone());
    }
}
