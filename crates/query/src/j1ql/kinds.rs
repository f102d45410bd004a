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
}

/// All kinds that a database stores. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kinds(Arc<[Kind]>);

impl Kinds {
    /// These.
    pub fn new(kinds: impl IntoIterator<Item = Kind>) -> Self {
        Self(kinds.into_iter().collect())
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
}
