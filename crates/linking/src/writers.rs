//! Who writes what, as declared. It says which partitions a linker rests on.

use std::collections::{BTreeMap, BTreeSet};

use orgraph_link::Linker;
use orgraph_model::EntityType;
use orgraph_model::declare::Rel;

/// The partition of references that were looked up, which can hold relationships of every kind.
const REFERENCES: &str = "link:references";

/// Everybody who writes into the graph, by the names of their partitions.
#[derive(Debug, Clone, Default)]
pub struct Writers(BTreeMap<String, Writes>);

#[derive(Debug, Clone, Default)]
struct Writes {
    types: BTreeSet<&'static str>,
    relationships: BTreeSet<String>,
    is_read: bool,
}

impl Writers {
    /// Adds who writes these types and relationships.
    ///
    /// Entities that linkers give yield to whoever owns their keys: no partition owns them, so that they are hashed one
    /// by one and no digest of a partition has to stand for them.
    pub fn add(
        &mut self,
        name: impl Into<String>,
        types: impl IntoIterator<Item = EntityType>,
        relationships: &[Rel],
        origin: Origin,
    ) {
        let writes = Writes {
            types: types.into_iter().filter(|_| origin != Origin::Linker).map(|it| it.name).collect(),
            relationships: relationships.iter().map(named).collect(),
            is_read: origin == Origin::Aws,
        };
        self.0.insert(name.into(), writes);
    }

    /// Whether a partition of this name may hold entities that the linker starts from. One that nobody declares may
    /// hold anything, but for references, which are no entities.
    pub(crate) fn feeds(&self, collector: &str, linker: &Linker) -> bool {
        let mut types = linker.from.iter().chain(linker.names);
        let may_hold = |it: &Writes| types.any(|of| it.types.contains(of.name));
        collector != REFERENCES && self.0.get(collector).is_none_or(may_hold)
    }

    /// Whether what AWS answers there is what the linker starts from: then its result is no more complete than that.
    pub(crate) fn is_rested_on(&self, collector: &str, linker: &Linker) -> bool {
        let writes = self.0.get(collector).filter(|it| it.is_read);
        writes.is_some_and(|it| linker.from.iter().any(|of| it.types.contains(of.name)))
    }

    /// Who writes any of these types or relationships.
    pub(crate) fn of(&self, types: &BTreeSet<String>, relationships: &BTreeSet<String>) -> BTreeSet<&str> {
        let writes = |it: &Writes| {
            it.types.iter().any(|it| types.contains(*it))
                || it.relationships.iter().any(|it| relationships.contains(it))
        };
        let mut names: BTreeSet<&str> =
            self.0.iter().filter(|(_, it)| writes(it)).map(|(name, _)| name.as_str()).collect();
        if !relationships.is_empty() {
            names.insert(REFERENCES);
        }
        names
    }
}

/// Where rows come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// From answers of AWS.
    Aws,
    /// From a file of the operator.
    File,
    /// From what is stored.
    Linker,
}

/// A kind of relationship in words.
pub(crate) fn named(rel: &Rel) -> String {
    format!("{} {} {}", rel.from, rel.verb, rel.to)
}
