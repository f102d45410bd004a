//! The kinds of relationship that a database stores, so that a question reads those that can answer it and no others.

use std::sync::Arc;

/// A kind of relationship.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kind {
    /// Its number in the database: `rel_type`.
    pub number: i16,
    /// How it is called, for instance `aws_vpc_has_subnet`.
    pub name: String,
    /// Its verb, in upper case.
    pub verb: String,
    /// The type of the entities that it leads from.
    pub from_type: String,
    /// The type of the entities that it leads to.
    pub to_type: String,
    /// Whether an entity of that type is stored at every beginning.
    pub from_is_stored: bool,
    /// Whether one is stored at every end.
    pub to_is_stored: bool,
}

/// All kinds that a database stores. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kinds(Arc<[Kind]>);

impl Kinds {
    /// These.
    pub fn new(kinds: impl IntoIterator<Item = Kind>) -> Self {
        Self(kinds.into_iter().collect())
    }

    /// One after the other.
    pub fn iter(&self) -> impl Iterator<Item = &Kind> {
        self.0.iter()
    }

    /// The numbers of those that are wanted and lead from one of some types to one of others; `None` stands for any type.
    pub(super) fn numbers(
        &self,
        is_wanted: impl Fn(&Kind) -> bool,
        from: Option<&[String]>,
        to: Option<&[String]>,
    ) -> Vec<i16> {
        let is_of = |types: Option<&[String]>, name: &String| types.is_none_or(|it| it.contains(name));
        let found = self.0.iter().filter(|it| is_of(from, &it.from_type) && is_of(to, &it.to_type));
        found.filter(|it| is_wanted(it)).map(|it| it.number).collect()
    }

    /// Whether there is none of these of which some relationship may begin at what is not stored.
    pub(super) fn begin_at_stored(&self, numbers: &[i16]) -> bool {
        !self.0.iter().any(|it| !it.from_is_stored && numbers.contains(&it.number))
    }

    /// The same of where they lead to.
    pub(super) fn lead_to_stored(&self, numbers: &[i16]) -> bool {
        !self.0.iter().any(|it| !it.to_is_stored && numbers.contains(&it.number))
    }
}
