//! What lookups depend on.

use std::collections::BTreeSet;

use orgraph_link::Lookup;
use orgraph_model::{EntityId, Key};

use crate::writers::named;

/// What can change the answers to lookups: these entities, any entity of these types, any relationship of these kinds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Reads {
    pub keys: BTreeSet<EntityId>,
    pub types: BTreeSet<String>,
    pub relationships: BTreeSet<String>,
}

impl Reads {
    pub(crate) fn of(lookups: &[Lookup]) -> Self {
        let mut reads = Self::default();
        for lookup in lookups {
            match lookup {
                Lookup::Keys(keys) => reads.keys.extend(keys.iter().map(|it| Key::from(it.as_str()).id())),
                Lookup::Property { entity_type, .. } => {
                    reads.types.insert(entity_type.name.to_owned());
                }
                // Its ends are told by a property of theirs.
                Lookup::Relationships { rel, .. } => {
                    reads.types.extend([rel.from, rel.to].map(|it| it.name.to_owned()));
                    reads.relationships.insert(named(rel));
                }
            }
        }
        reads
    }
}
