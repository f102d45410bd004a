//! A snapshot as identities and hashes. Everything that needs no database.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use orgraph_model::{
    EntityId, GapMark, Mark, Marks, Outcome, Partition, Place, Rows, Snapshot, Spilled, clean_text,
};
use orgraph_plan::Trust;
use uuid::Uuid;

use crate::digest::{digest, gaps_digest, merged};
use crate::memory::InMemory;

/// What is to be stored of a snapshot. The rows themselves stay where they are.
#[derive(Debug)]
pub(crate) struct Prepared<'a> {
    pub partition: &'a Partition,
    pub started_at: DateTime<Utc>,
    pub outcome: Outcome,
    pub trust: Trust,
    pub calls: i64,
    pub duration_ms: i64,
    /// In the order of their identities, one of each.
    pub marks: Cow<'a, Marks>,
    pub gaps: Cow<'a, [GapMark]>,
    pub gaps_digest: Option<Uuid>,
    /// Entities that stay although they are missing, and with them what touches them. In order.
    pub protected: Vec<EntityId>,
    /// Where relationships start that are as they are stored, and so are not named. In order.
    pub kept: Vec<EntityId>,
    /// Named entities of which something is unknown, each with the gap that says what. In order.
    pub unknown: Vec<(EntityId, Place)>,
    source: Source<'a>,
}

#[derive(Debug)]
enum Source<'a> {
    Memory(Box<InMemory<'a>>),
    Spilled(&'a Arc<Spilled>),
}

impl<'a> Prepared<'a> {
    pub(crate) fn new(snapshot: &'a Snapshot) -> Self {
        let (source, marks, gaps) = if let Some(spilled) = &snapshot.spilled {
            debug_assert!(snapshot.entities.is_empty(), "rows are in memory or set aside");
            (Source::Spilled(spilled), Cow::Borrowed(&spilled.marks), Cow::Borrowed(&spilled.gaps[..]))
        } else {
            let (rows, marks, gaps) = InMemory::new(snapshot);
            (Source::Memory(Box::new(rows)), Cow::Owned(marks), Cow::Owned(gaps))
        };
        let mut protected: Vec<EntityId> = gaps.iter().filter_map(GapMark::protects).collect();
        protected.sort_unstable();
        protected.dedup();
        let mut unknown: Vec<(EntityId, Place)> = gaps
            .iter()
            .filter(|it| it.leaves_unknown)
            .filter_map(|it| Some((it.entity?, it.place)))
            .filter(|(id, _)| find(&marks.own, *id).or_else(|| find(&marks.contributed, *id)).is_some())
            .collect();
        unknown.sort_unstable();
        let mut outcome = snapshot.outcome.clone();
        if let Some(reason) = &mut outcome.reason {
            clean_text(reason);
        }
        Self {
            partition: &snapshot.partition,
            started_at: snapshot.started_at,
            outcome,
            trust: Trust::in_snapshot(snapshot),
            calls: i64::try_from(snapshot.calls).unwrap_or(i64::MAX),
            duration_ms: i64::try_from(snapshot.duration_ms).unwrap_or(i64::MAX),
            gaps_digest: gaps_digest(&gaps),
            marks,
            gaps,
            protected,
            kept: Vec::new(),
            unknown,
            source,
        }
    }

    /// The same, with relationships that are as they are stored where they start at one of these.
    pub(crate) fn keeping(self, starts: &BTreeSet<EntityId>) -> Self {
        Self { kept: starts.iter().copied().collect(), ..self }
    }

    /// The rows, to be read by their place.
    pub(crate) fn rows(&self) -> &dyn Rows {
        match &self.source {
            Source::Memory(rows) => &**rows,
            Source::Spilled(spilled) => &*spilled.rows,
        }
    }

    /// The digest of the partition if exactly these rows are stored.
    pub(crate) fn digest(&self) -> Uuid {
        let pairs = |it: &Mark| (it.id, it.hash);
        let marks = &self.marks;
        digest(
            merged(marks.own.iter().map(pairs), marks.contributed.iter().map(pairs)),
            marks.relationships.iter().map(pairs),
            marks.references.iter().map(|it| it.hash),
        )
    }
}

/// Where the mark of a row is.
pub(crate) fn find(marks: &[Mark], id: Uuid) -> Option<usize> {
    marks.binary_search_by_key(&id.as_u128(), |it| it.id.as_u128()).ok()
}
