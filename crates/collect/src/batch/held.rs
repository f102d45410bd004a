//! The rows of a batch that are in memory.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::hash::Hash;

use orgraph_model::{Entity as Row, Gap, GapKind, Outcome, Properties, Reference, Relationship, Status};
use serde_json::Value;

/// About what a relationship, a reference or a gap takes, and an entity besides its properties and tags.
const ROW_BYTES: usize = 512;
/// About what a member of an object takes besides its texts.
const MEMBER_BYTES: usize = 96;
/// About what an element of an array takes besides its texts.
const ELEMENT_BYTES: usize = 48;

#[derive(Debug, Default)]
pub(super) struct Held {
    pub(super) entities: Vec<Row>,
    pub(super) relationships: Vec<Relationship>,
    pub(super) references: Vec<Reference>,
    pub(super) gaps: Vec<Gap>,
    /// The places of entities whose tags could not be read.
    pub(super) tags_unknown: HashSet<usize>,
    /// About how many bytes all of it takes.
    pub(super) bytes: usize,
}

impl Held {
    /// How many rows and gaps.
    pub(super) fn len(&self) -> usize {
        self.entities.len() + self.relationships.len() + self.references.len() + self.gaps.len()
    }

    pub(super) fn push_entity(&mut self, row: Row) -> usize {
        self.bytes += ROW_BYTES + weight(&row.properties);
        self.entities.push(row);
        self.entities.len() - 1
    }

    pub(super) fn push_relationship(&mut self, row: Relationship) -> usize {
        self.bytes += ROW_BYTES;
        self.relationships.push(row);
        self.relationships.len() - 1
    }

    pub(super) fn push_reference(&mut self, row: Reference) -> usize {
        self.bytes += ROW_BYTES;
        self.references.push(row);
        self.references.len() - 1
    }

    pub(super) fn push_gap(&mut self, gap: Gap) {
        self.bytes += ROW_BYTES;
        self.gaps.push(gap);
    }

    pub(super) fn tag(&mut self, index: usize, tags: Properties) {
        self.bytes += weight(&tags);
        self.entities[index].tags = tags;
    }

    pub(super) fn clear(&mut self) {
        self.entities.clear();
        self.relationships.clear();
        self.references.clear();
        self.gaps.clear();
        self.tags_unknown.clear();
        self.bytes = 0;
    }

    /// Leaves one row of each identity, the one that came last. Gives how many entities came again with something else
    /// to say, which only a listing that is not consistent does.
    pub(super) fn leave_last_of_each(&mut self) -> usize {
        let conflicting = unique(&mut self.entities, |it| it.key.id(), Row::content_hash);
        unique(&mut self.relationships, Relationship::id, Relationship::content_hash);
        unique(&mut self.references, Reference::content_hash, Reference::content_hash);
        conflicting
    }
}

/// About how many bytes the members of an object take.
fn weight(members: &Properties) -> usize {
    members.iter().map(|(name, value)| MEMBER_BYTES + name.len() + value_weight(value)).sum()
}

fn value_weight(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len(),
        Value::Array(elements) => elements.iter().map(|it| ELEMENT_BYTES + value_weight(it)).sum(),
        Value::Object(members) => weight(members),
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
    }
}

/// One row per identity, the last one winning; and how many identities came with different contents.
fn unique<T, K: Hash + Eq, C: PartialEq>(
    rows: &mut Vec<T>,
    identity: impl Fn(&T) -> K,
    content: impl Fn(&T) -> C,
) -> usize {
    let mut places: HashMap<K, usize> = HashMap::with_capacity(rows.len());
    let mut kept: Vec<T> = Vec::with_capacity(rows.len());
    let mut conflicting = HashSet::new();
    for row in rows.drain(..) {
        match places.entry(identity(&row)) {
            Entry::Vacant(place) => {
                place.insert(kept.len());
                kept.push(row);
            }
            Entry::Occupied(place) => {
                if content(&kept[*place.get()]) != content(&row) {
                    conflicting.insert(*place.get());
                }
                kept[*place.get()] = row;
            }
        }
    }
    *rows = kept;
    conflicting.len()
}

/// What the gaps of a batch come to.
#[derive(Debug, Default)]
pub(super) struct Troubles {
    count: usize,
    /// Why a listing cannot be trusted.
    listing: Option<String>,
    first: Option<String>,
}

impl Troubles {
    pub(super) fn add(&mut self, gap: &Gap) {
        self.count += 1;
        if gap.kind == GapKind::Listing {
            self.listing.get_or_insert_with(|| gap.reason.clone());
        }
        self.first.get_or_insert_with(|| gap.reason.clone());
    }

    pub(super) fn outcome(self) -> Outcome {
        match self.listing.or(self.first) {
            None => Outcome::complete(),
            Some(reason) if self.count == 1 => Outcome::because(Status::Partial, reason),
            Some(reason) => {
                Outcome::because(Status::Partial, format!("{} gaps, for instance: {reason}", self.count))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_row_twice_is_one_and_different_rows_of_one_key_are_noticed() {
        let check = |rows: &[(&'static str, i32)], expected: &[(&'static str, i32)], conflicting| {
            let mut rows = rows.to_vec();
            assert_eq!(unique(&mut rows, |it| it.0, |it| it.1), conflicting, "{rows:?}");
            assert_eq!(rows, expected);
        };

        check(&[("a", 1), ("b", 2), ("a", 1)], &[("a", 1), ("b", 2)], 0);
        check(&[("a", 1), ("b", 2), ("a", 3)], &[("a", 3), ("b", 2)], 1);
        check(&[("a", 1), ("a", 2), ("a", 3)], &[("a", 3)], 1);
    }
}
