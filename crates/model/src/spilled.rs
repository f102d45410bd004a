//! The rows of a snapshot that were too many for memory.

use std::borrow::Cow;
use std::fmt;

use crate::{Entity, Gap, GapMark, Marks, Place, Reference, Relationship};

/// Rows that are read one at a time, wherever they are.
pub trait Rows: fmt::Debug + Send + Sync {
    /// The entity at a place.
    fn entity(&self, place: Place) -> Result<Cow<'_, Entity>, RowsError>;
    /// The relationship at a place.
    fn relationship(&self, place: Place) -> Result<Cow<'_, Relationship>, RowsError>;
    /// The reference at a place.
    fn reference(&self, place: Place) -> Result<Cow<'_, Reference>, RowsError>;
    /// The gap at a place.
    fn gap(&self, place: Place) -> Result<Cow<'_, Gap>, RowsError>;
}

/// Why rows could not be set aside, or not be read back.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("failed to {attempted}: {reason}")]
pub struct RowsError {
    /// What was attempted.
    pub attempted: &'static str,
    /// What the system says.
    pub reason: String,
}

/// Rows that were set aside: marked, one per identity, and such as can be stored.
#[derive(Debug)]
pub struct Spilled {
    /// All rows, in the order of their identities.
    pub marks: Marks,
    /// All gaps, in the order in which they were met.
    pub gaps: Vec<GapMark>,
    /// Where the rows are.
    pub rows: Box<dyn Rows>,
}

impl PartialEq for Spilled {
    /// Whether both hold the same rows, wherever those are.
    fn eq(&self, other: &Self) -> bool {
        let gaps = |it: &Self| it.gaps.iter().map(|gap| gap.hash).collect::<Vec<_>>();
        let rows = |it: &Self| {
            let Marks { own, contributed, relationships, references, .. } = &it.marks;
            let marks = own.iter().chain(contributed).chain(relationships).map(|mark| (mark.id, mark.hash));
            marks.chain(references.iter().map(|mark| (mark.hash, mark.from))).collect::<Vec<_>>()
        };
        rows(self) == rows(other) && gaps(self) == gaps(other)
    }
}
