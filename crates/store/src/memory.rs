//! The rows of a snapshot that is in memory, where they are.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};

use orgraph_model::{
    Entity, Gap, GapMark, Key, Marker, Marks, Place, Reference, Relationship, Rows, RowsError, Snapshot,
};

/// Rows by their number in the snapshot. What cannot be stored is altered first, which is rare.
#[derive(Debug)]
pub(crate) struct InMemory<'a> {
    entities: Altered<'a, Entity>,
    relationships: Altered<'a, Relationship>,
    references: Altered<'a, Reference>,
    gaps: Cow<'a, [Gap]>,
}

#[derive(Debug)]
struct Altered<'a, T> {
    rows: &'a [T],
    altered: HashMap<usize, T>,
}

impl<'a> InMemory<'a> {
    /// The rows with their marks, one per identity, and the marks of the gaps.
    pub(crate) fn new(snapshot: &'a Snapshot) -> (Self, Marks, Vec<GapMark>) {
        let (entities, relationships, references) =
            (&snapshot.entities, &snapshot.relationships, &snapshot.references);
        let mut marker = Marker::for_rows(entities.len(), relationships.len(), references.len());
        let mut gaps = Vec::new();
        let entities = Altered::new(
            entities,
            Entity::is_storable,
            |it| altered(it, &mut gaps, |it| &it.key, Entity::make_storable),
            |it, place| marker.entity(it, place),
        );
        let relationships = Altered::new(
            relationships,
            Relationship::is_storable,
            |it| altered(it, &mut gaps, |it| &it.from.key, Relationship::make_storable),
            |it, place| marker.relationship(it, place),
        );
        let references = Altered::new(
            references,
            Reference::is_storable,
            |it| altered(it, &mut gaps, |it| &it.from.key, Reference::make_storable),
            |it, place| marker.reference(it, place),
        );
        let gaps = storable_gaps(&snapshot.gaps, gaps);
        let gap_marks = gaps.iter().zip(0..).map(|(gap, place)| GapMark::new(gap, place)).collect();
        let mut marks = marker.finish();
        marks.settle();
        (Self { entities, relationships, references, gaps }, marks, gap_marks)
    }
}

fn altered<T: Clone>(
    row: &T,
    gaps: &mut Vec<Gap>,
    key: impl Fn(&T) -> &Key,
    make_storable: impl Fn(&mut T) -> BTreeSet<String>,
) -> T {
    let mut row = row.clone();
    let altered = make_storable(&mut row);
    gaps.extend(Gap::altered(key(&row), &altered));
    row
}

fn storable_gaps(found: &[Gap], altered: Vec<Gap>) -> Cow<'_, [Gap]> {
    if altered.is_empty() && found.iter().all(Gap::is_storable) {
        return Cow::Borrowed(found);
    }
    let mut gaps = found.to_vec();
    gaps.iter_mut().for_each(Gap::make_storable);
    gaps.extend(altered);
    Cow::Owned(gaps)
}

impl<'a, T: Clone> Altered<'a, T> {
    fn new(
        rows: &'a [T],
        is_storable: impl Fn(&T) -> bool,
        mut alter: impl FnMut(&T) -> T,
        mut mark: impl FnMut(&T, Place),
    ) -> Self {
        let mut altered = HashMap::new();
        for (at, row) in rows.iter().enumerate() {
            if is_storable(row) {
                mark(row, at as Place);
            } else {
                let row = alter(row);
                mark(&row, at as Place);
                altered.insert(at, row);
            }
        }
        Self { rows, altered }
    }

    fn at(&self, place: Place) -> Result<Cow<'_, T>, RowsError> {
        let at = usize::try_from(place).ok();
        let row = at.and_then(|at| self.altered.get(&at).or_else(|| self.rows.get(at)));
        row.map(Cow::Borrowed).ok_or_else(|| missing(place))
    }
}

fn missing(place: Place) -> RowsError {
    RowsError { attempted: "find a row of a snapshot", reason: format!("there is none at {place}") }
}

impl Rows for InMemory<'_> {
    fn entity(&self, place: Place) -> Result<Cow<'_, Entity>, RowsError> {
        self.entities.at(place)
    }

    fn relationship(&self, place: Place) -> Result<Cow<'_, Relationship>, RowsError> {
        self.relationships.at(place)
    }

    fn reference(&self, place: Place) -> Result<Cow<'_, Reference>, RowsError> {
        self.references.at(place)
    }

    fn gap(&self, place: Place) -> Result<Cow<'_, Gap>, RowsError> {
        let gap = usize::try_from(place).ok().and_then(|at| self.gaps.get(at));
        gap.map(Cow::Borrowed).ok_or_else(|| missing(place))
    }
}
