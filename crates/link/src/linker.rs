//! What a linker declares.

use std::collections::{BTreeMap, BTreeSet};

use ipnet::IpNet;
use orgraph_model::declare::{Declared, Rel};
use orgraph_model::{AccountId, ContentHash, Entity, EntityId, EntityType, Relationship};

use crate::Facts;

/// A rule that gives relationships from what is stored, one account at a time.
pub struct Linker {
    /// Its name; its rows are the partition `link:<name>`.
    pub name: &'static str,
    /// What it does, in one sentence.
    pub about: &'static str,
    /// The types of the account it starts from.
    pub from: &'static [EntityType],
    /// The types of the account of which it only has to know that they are there: key, name and nothing else.
    pub names: &'static [EntityType],
    /// Every type it writes because nobody else can, such as `internet`.
    pub entities: &'static [Declared],
    /// Every relationship it gives.
    pub relationships: &'static [Rel],
    /// What it has to know of the whole graph, given the account's own entities.
    pub lookups: fn(&Input<'_>) -> Vec<Lookup>,
    /// What follows, given the account's own entities and what the lookups found.
    pub link: fn(&Input<'_>, found: &Facts) -> Linked,
    /// For a linker that has much to do; `None` for all others. What it can be run for alone: the entities of its account
    /// at which its relationships start, each with the hash of everything that these rest on, the entities that its
    /// relationships create among it. Where the hash is what it was, `link` is given the entity by its name only, and
    /// what is stored for it stays.
    pub parts: Option<Parts>,
}

/// The parts of what a linker does, each with the hash of what it rests on.
pub type Parts = fn(&Input<'_>, found: &Facts) -> BTreeMap<EntityId, ContentHash>;

impl std::fmt::Debug for Linker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

/// What a linker works on.
#[derive(Debug, Clone, Copy)]
pub struct Input<'a> {
    /// The account.
    pub account: &'a AccountId,
    /// Its own entities of the types the linker names.
    pub own: &'a Facts,
    /// What the operator says.
    pub settings: &'a Settings,
}

/// What the operator says.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Networks that are trusted wherever a rule names them.
    pub trusted_networks: Vec<IpNet>,
    /// How many entities one pattern of a policy may lead to. More are shown as the service they belong to.
    pub resource_fanout_limit: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self { trusted_networks: Vec::new(), resource_fanout_limit: 1000 }
    }
}

/// What to find in the whole graph, whatever account it belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lookup {
    /// Entities by a property.
    Property {
        /// Their type.
        entity_type: EntityType,
        /// The property to compare, a text or a list of texts; case does not matter.
        property: &'static str,
        /// The values to find, in lower case; `None` for every entity of the type.
        values: Option<BTreeSet<String>>,
    },
    /// Entities by their keys.
    Keys(BTreeSet<String>),
    /// Relationships by a property of one of their ends; the ends themselves are not found with them.
    Relationships {
        /// Their kind.
        rel: Rel,
        /// The property to compare, a text; case does not matter.
        property: &'static str,
        /// The values to find, in lower case.
        values: BTreeSet<String>,
    },
}

/// What follows from the facts.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Linked {
    /// Relationships.
    pub relationships: Vec<Relationship>,
    /// Entities of the linker's own types, and placeholders for what is only named. Both yield to whoever owns the key.
    pub entities: Vec<Entity>,
}

impl From<Vec<Relationship>> for Linked {
    fn from(relationships: Vec<Relationship>) -> Self {
        Self { relationships, entities: Vec::new() }
    }
}
