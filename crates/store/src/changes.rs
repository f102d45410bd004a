//! The difference between what is stored and what was found.

use std::collections::{BTreeSet, HashSet};

use orgraph_model::{ContentHash, EntityId};
use uuid::Uuid;

use crate::apply::{Applied, Count};
use crate::compare::{AbsentRelationship, Comparison, EntityStanding, Standing};
use crate::digest::{digest, merged};
use crate::prepare::Prepared;

/// What to write: rows of the snapshot by the place of their mark, rows that end by identity; all in order.
#[derive(Debug, Default)]
pub(crate) struct Changes<'c> {
    pub own: Vec<usize>,
    pub contributed: Vec<usize>,
    pub relationships: Vec<usize>,
    pub references: Vec<usize>,
    /// Own rows that end.
    pub removed_own: Vec<EntityId>,
    /// Own rows that become contributions.
    pub released: Vec<EntityId>,
    /// Contributions that end, or that become own rows.
    pub withdrawn: Vec<EntityId>,
    pub removed_relationships: Vec<&'c AbsentRelationship>,
    pub removed_references: Vec<ContentHash>,
}

impl<'c> Changes<'c> {
    pub(crate) fn new(prepared: &Prepared<'_>, comparison: &'c Comparison, remove: &BTreeSet<Uuid>) -> Self {
        let marks = &prepared.marks;
        let differing = |standings: &[Standing]| places(standings, |it| *it != Standing::Same);
        let differing_entities =
            |standings: &[EntityStanding]| places(standings, |it| it.row != Standing::Same);
        let other_kind = |standings: &[EntityStanding]| places(standings, |it| it.is_other_kind);
        let removed = |is_own: bool| {
            let absent = comparison.absent_entities.iter();
            absent.filter(move |it| it.is_own == is_own && remove.contains(&it.id)).map(|it| it.id)
        };
        let mut withdrawn: Vec<EntityId> = other_kind(&comparison.own)
            .into_iter()
            .map(|at| marks.own[at].id)
            .chain(removed(false))
            .collect();
        withdrawn.sort_unstable();
        Self {
            own: differing_entities(&comparison.own),
            contributed: differing_entities(&comparison.contributed),
            relationships: differing(&comparison.relationships),
            references: differing(&comparison.references),
            removed_own: removed(true).collect(),
            released: other_kind(&comparison.contributed)
                .into_iter()
                .map(|at| marks.contributed[at].id)
                .collect(),
            withdrawn,
            removed_relationships: comparison
                .absent_relationships
                .iter()
                .filter(|it| remove.contains(&it.id))
                .collect(),
            removed_references: comparison
                .absent_references
                .iter()
                .map(|it| it.hash)
                .filter(|it| remove.contains(it))
                .collect(),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
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

fn places<T>(standings: &[T], is_wanted: impl Fn(&T) -> bool) -> Vec<usize> {
    standings.iter().enumerate().filter(|(_, it)| is_wanted(it)).map(|(at, _)| at).collect()
}

/// What is stored once the changes are written, except for the rows in `foreign`, which belong to other partitions.
#[derive(Debug)]
pub(crate) struct StoredAfter {
    pub digest: Uuid,
    pub entities: usize,
    pub relationships: usize,
}

impl StoredAfter {
    pub(crate) fn new(
        prepared: &Prepared<'_>,
        comparison: &Comparison,
        remove: &BTreeSet<Uuid>,
        foreign: &HashSet<Uuid>,
    ) -> Self {
        let marks = &prepared.marks;
        let is_mine = |it: &(Uuid, ContentHash)| foreign.is_empty() || !foreign.contains(&it.0);
        let own = || marks.own.iter().map(|it| (it.id, it.hash)).filter(is_mine);
        let contributed = marks.contributed.iter().map(|it| (it.id, it.hash));
        let kept = comparison.absent_entities.iter().filter(|it| !remove.contains(&it.id));
        let kept: Vec<_> = kept.map(|it| (it.id, it.hash)).collect();
        let relationships = || marks.relationships.iter().map(|it| (it.id, it.hash)).filter(is_mine);
        let kept_relationships = comparison.absent_relationships.iter().filter(|it| !remove.contains(&it.id));
        let kept_relationships: Vec<_> = kept_relationships.map(|it| (it.id, it.hash)).collect();
        let references = marks.references.iter().map(|it| it.hash);
        let kept_references =
            comparison.absent_references.iter().map(|it| it.hash).filter(|it| !remove.contains(it));
        Self {
            entities: own().count() + marks.contributed.len() + kept.len(),
            relationships: relationships().count() + kept_relationships.len(),
            digest: digest(
                merged(merged(own(), contributed), kept.into_iter()),
                merged(relationships(), kept_relationships.into_iter()),
                merged(references, kept_references),
            ),
        }
    }
}

/// Counts the changes, of which those in `foreign` were not made.
pub(crate) fn count(
    applied: &mut Applied,
    changes: &Changes<'_>,
    prepared: &Prepared<'_>,
    comparison: &Comparison,
    foreign: &HashSet<Uuid>,
) {
    let marks = &prepared.marks;
    let mut entities = |standing: EntityStanding| {
        let is_new = standing.row == Standing::New && !standing.is_other_kind;
        let count = if is_new { &mut applied.created } else { &mut applied.changed };
        count.entities += 1;
    };
    let own = changes.own.iter().filter(|at| !foreign.contains(&marks.own[**at].id));
    own.for_each(|at| entities(comparison.own[*at]));
    changes.contributed.iter().for_each(|at| entities(comparison.contributed[*at]));
    let relationships =
        changes.relationships.iter().filter(|at| !foreign.contains(&marks.relationships[**at].id));
    for at in relationships {
        let is_new = comparison.relationships[*at] == Standing::New;
        let count = if is_new { &mut applied.created } else { &mut applied.changed };
        count.relationships += 1;
    }
    let withdrawn_for_good =
        changes.withdrawn.len() - comparison.own.iter().filter(|it| it.is_other_kind).count();
    applied.removed = Count {
        entities: (changes.removed_own.len() + withdrawn_for_good) as u64,
        relationships: changes.removed_relationships.len() as u64,
    };
    applied.skipped_foreign = foreign.len() as u64;
}
