//! What of the rows that a snapshot does not name ends, and what waits.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use orgraph_plan::{CommitPlan, Held, HoldReason, Listing, StoredRows, Trust, commit_plan};
use uuid::Uuid;

use crate::apply::{Count, Removal};
use crate::compare::Comparison;
use crate::prepare::Prepared;

/// The decision over the rows that are missing.
#[derive(Debug)]
pub(crate) struct Verdict {
    pub remove: BTreeSet<Uuid>,
    /// What waits, and why if it is this listing that says so.
    pub held: Option<(Held, Option<HoldReason>)>,
    pub confirm_after: TimeDelta,
}

/// The stored rows that the snapshot neither names nor protects.
struct Missing {
    entities: BTreeSet<Uuid>,
    relationships: BTreeSet<Uuid>,
    references: BTreeSet<Uuid>,
}

impl Missing {
    fn of(comparison: &Comparison) -> Self {
        let entities = comparison.absent_entities.iter().filter(|it| !it.is_protected);
        let relationships = comparison.absent_relationships.iter().filter(|it| !it.is_protected);
        let references = comparison.absent_references.iter().filter(|it| !it.is_protected);
        Self {
            entities: entities.map(|it| it.id).collect(),
            relationships: relationships.map(|it| it.id).collect(),
            references: references.map(|it| it.hash).collect(),
        }
    }
}

impl Verdict {
    pub(crate) fn new(
        removal: Removal<'_>,
        trust: Trust,
        started_at: DateTime<Utc>,
        prepared: &Prepared<'_>,
        comparison: &Comparison,
        held: Option<Held>,
    ) -> Self {
        let mut missing = Missing::of(comparison);
        let guard = match removal {
            Removal::Guarded(guard) => guard,
            Removal::Decreed(_) => {
                let mut remove = missing.entities;
                remove.append(&mut missing.relationships);
                remove.append(&mut missing.references);
                return Self { remove, held: None, confirm_after: TimeDelta::zero() };
            }
        };
        // Derived relationships have partitions of their own, without entities to count.
        let (stored, named, counted, mut others) = if comparison.stored_entities > 0 {
            let named = prepared.marks.entities() + comparison.kept_entities;
            (comparison.stored_entities, named, missing.entities, missing.relationships)
        } else {
            let named = prepared.marks.relationships.len() + comparison.kept_relationships;
            (comparison.stored_relationships, named, missing.relationships, BTreeSet::new())
        };
        others.append(&mut missing.references);
        let listing =
            Listing { started_at, trust, counted: named as u64, missing: counted, missing_others: others };
        let rows = StoredRows { counted: stored as u64, held };
        let (remove, held) = match commit_plan(guard, &rows, &listing) {
            CommitPlan::KeepRows => (BTreeSet::new(), rows.held.map(|it| (it, None))),
            CommitPlan::ApplyWithoutRemoval { held } => (BTreeSet::new(), held.map(|it| (it, None))),
            CommitPlan::ApplyAndRemove { remove } => (remove, None),
            CommitPlan::Hold { remove, held, reason } => (remove, Some((held, Some(reason)))),
        };
        Self { remove, held, confirm_after: guard.confirm_after }
    }

    /// How many entities and relationships wait.
    pub(crate) fn waiting(&self, comparison: &Comparison) -> Count {
        let Some((held, _)) = &self.held else { return Count::default() };
        let entities = comparison.absent_entities.iter().map(|it| it.id);
        let relationships = comparison.absent_relationships.iter().map(|it| it.id);
        Count {
            entities: entities.filter(|it| held.rows.contains(it)).count() as u64,
            relationships: relationships.filter(|it| held.rows.contains(it)).count() as u64,
        }
    }
}
