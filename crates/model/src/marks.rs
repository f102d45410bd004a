//! The rows of a snapshot as identities and hashes: all that comparing them with what is stored needs.

use std::cmp::Reverse;

use crate::hash::{RowHasher, relationship_id};
use crate::{
    ContentHash, Entity, EntityId, Gap, GapKind, Key, Kind, Properties, Reference, Relationship, Source,
};
use uuid::Uuid;

/// Where a row can be read: whatever its source makes of it. Of two rows of one identity, the one of the higher place
/// came later.
pub type Place = u64;

/// An entity or relationship: which, what it says, and where it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// Which.
    pub id: Uuid,
    /// What it says.
    pub hash: ContentHash,
    /// Where it is.
    pub place: Place,
}

/// A reference: what it says, the known end, and where it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReferenceMark {
    /// What it says, which is what it is.
    pub hash: ContentHash,
    /// The known end, which protects it.
    pub from: EntityId,
    /// Where it is.
    pub place: Place,
}

/// A gap, as far as it decides about rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GapMark {
    /// What kind of thing is missing.
    pub kind: GapKind,
    /// The entity concerned.
    pub entity: Option<EntityId>,
    /// Whether properties of the entity are left unknown.
    pub leaves_unknown: bool,
    /// What it says.
    pub hash: ContentHash,
    /// Where it is.
    pub place: Place,
}

impl GapMark {
    /// The mark of a gap.
    pub fn new(gap: &Gap, place: Place) -> Self {
        Self {
            kind: gap.kind,
            entity: gap.key.as_ref().map(Key::id),
            leaves_unknown: gap.kind == GapKind::Detail && !gap.properties.is_empty(),
            hash: RowHasher::default().gap(gap),
            place,
        }
    }

    /// Whether nothing of the partition may be removed because of this gap.
    pub fn forbids_removal(&self) -> bool {
        self.kind.forbids_removal(self.entity.is_some())
    }

    /// The entity that this gap keeps from being removed.
    pub fn protects(&self) -> Option<EntityId> {
        self.entity.filter(|_| self.kind.protects())
    }
}

/// All rows of a snapshot.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Marks {
    /// Entities that the partition alone speaks of.
    pub own: Vec<Mark>,
    /// What the partition contributes to entities of shared types and placeholders.
    pub contributed: Vec<Mark>,
    /// Relationships.
    pub relationships: Vec<Mark>,
    /// References.
    pub references: Vec<ReferenceMark>,
    /// Every kind of relationship that there is.
    pub kinds: Vec<Kind>,
}

impl Marks {
    /// How many entities.
    pub fn entities(&self) -> usize {
        self.own.len() + self.contributed.len()
    }

    /// Puts the marks into the order of their identities and keeps one of each, the one that came last. Gives how many
    /// entities came again with something else to say.
    pub fn settle(&mut self) -> usize {
        let conflicting =
            settled(&mut self.own) + settled(&mut self.contributed) + self.settle_between_kinds();
        settled(&mut self.relationships);
        self.references.sort_unstable_by_key(|it| (it.hash, Reverse(it.place)));
        self.references.dedup_by_key(|it| it.hash);
        conflicting
    }

    /// An entity that came as one kind and as the other is what it was last.
    fn settle_between_kinds(&mut self) -> usize {
        let Self { own, contributed, .. } = self;
        let in_own = |id: Uuid| own.binary_search_by_key(&id, |it| it.id).ok();
        let both: Vec<(Uuid, bool)> =
            contributed.iter().filter_map(|it| Some((it.id, own[in_own(it.id)?].place > it.place))).collect();
        let loses = |id: Uuid, own_is_last: bool| {
            both.binary_search_by_key(&id, |it| it.0).is_ok_and(|at| both[at].1 == own_is_last)
        };
        if !both.is_empty() {
            contributed.retain(|it| !loses(it.id, true));
            own.retain(|it| !loses(it.id, false));
        }
        both.len()
    }
}

fn settled(marks: &mut Vec<Mark>) -> usize {
    // Numbers compare faster than bytes, and in the same order.
    marks.sort_unstable_by_key(|it| (it.id.as_u128(), Reverse(it.place)));
    let mut conflicting = 0;
    let mut counted = None;
    marks.dedup_by(|earlier, last| {
        let is_same = earlier.id == last.id;
        if is_same && earlier.hash != last.hash && counted != Some(last.id) {
            counted = Some(last.id);
            conflicting += 1;
        }
        is_same
    });
    conflicting
}

/// Makes the marks of rows, one after the other.
#[derive(Debug, Default)]
pub struct Marker {
    marks: Marks,
    hasher: RowHasher,
    kinds: Vec<KnownKind>,
}

/// What all relationships of one kind have in common.
#[derive(Debug)]
struct KnownKind {
    id: Uuid,
    /// What one without properties says.
    plain_hash: ContentHash,
}

impl Marker {
    /// A marker for about as many rows.
    pub fn for_rows(entities: usize, relationships: usize, references: usize) -> Self {
        let mut it = Self::default();
        it.marks.own.reserve_exact(entities);
        it.marks.relationships.reserve_exact(relationships);
        it.marks.references.reserve_exact(references);
        it
    }

    /// Adds an entity.
    pub fn entity(&mut self, it: &Entity, place: Place) {
        let mark = Mark { id: it.key.id(), hash: self.hasher.entity(it), place };
        let is_contributed = it.entity_type.shared || it.source == Source::SystemMapper;
        let marks = if is_contributed { &mut self.marks.contributed } else { &mut self.marks.own };
        marks.push(mark);
    }

    /// Adds a relationship.
    pub fn relationship(&mut self, it: &Relationship, place: Place) {
        let kind = self.kind(it);
        let hash =
            if it.properties.is_empty() { self.kinds[kind].plain_hash } else { self.hasher.relationship(it) };
        let id = relationship_id(self.kinds[kind].id, it.from.key.id(), it.to.key.id(), &it.discriminator);
        self.marks.relationships.push(Mark { id, hash, place });
    }

    /// Adds a reference.
    pub fn reference(&mut self, it: &Reference, place: Place) {
        let (hash, from) = (self.hasher.reference(it), it.from.key.id());
        self.marks.references.push(ReferenceMark { hash, from, place });
    }

    /// The marks, still in the order in which they were made.
    pub fn finish(self) -> Marks {
        self.marks
    }

    /// What was marked so far.
    pub fn marks_mut(&mut self) -> &mut Marks {
        &mut self.marks
    }

    /// A partition has few kinds, so looking through them beats hashing three names.
    fn kind(&mut self, it: &Relationship) -> usize {
        let kind = it.kind();
        if let Some(at) = self.marks.kinds.iter().position(|known| *known == kind) {
            return at;
        }
        let plain_hash = if it.properties.is_empty() {
            self.hasher.relationship(it)
        } else {
            let plain = Relationship { properties: Properties::new(), ..it.clone() };
            self.hasher.relationship(&plain)
        };
        self.kinds.push(KnownKind { id: kind.id(), plain_hash });
        self.marks.kinds.push(kind);
        self.kinds.len() - 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(id: u128, hash: u128, place: Place) -> Mark {
        Mark { id: Uuid::from_u128(id), hash: Uuid::from_u128(hash), place }
    }

    #[test]
    fn the_last_row_of_an_identity_wins_and_differing_ones_are_counted() {
        let mut marks = Marks {
            own: vec![mark(2, 1, 0), mark(1, 1, 1), mark(1, 1, 2), mark(2, 9, 3), mark(3, 1, 4)],
            contributed: vec![mark(3, 2, 5), mark(1, 3, 0)],
            ..Marks::default()
        };

        assert_eq!(marks.settle(), 3);

        assert_eq!(marks.own, [mark(1, 1, 2), mark(2, 9, 3)]);
        assert_eq!(marks.contributed, [mark(3, 2, 5)]);
    }
}
