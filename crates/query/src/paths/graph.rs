//! The graph in memory: numbers instead of texts wherever there are many.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use petgraph::graph::{DiGraph, EdgeIndex, NodeIndex};
use serde::Deserialize;

use super::PathError;
use super::identities::Identities;

/// What a graph in memory may take.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// How much memory the graph may take, in bytes, without what a single question takes besides. 2 GiB, which is
    /// room for about eight million entities with four times as many relationships.
    pub max_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { max_bytes: 2 << 30 }
    }
}

/// Where an entity is in one graph in memory. Means nothing in another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place(pub(super) NodeIndex<u32>);

/// All entities and relationships, without their properties.
#[derive(Debug, Default)]
pub struct Graph {
    pub(super) net: DiGraph<Point, Link, u32>,
    pub(super) identities: Identities,
    /// Keys and names, one after the other.
    texts: String,
    pub(super) entity_kinds: Vec<EntityKind>,
    pub(super) relationship_kinds: Vec<RelationshipKind>,
    accounts: Vec<Box<str>>,
    numbers_of_accounts: HashMap<Box<str>, u32>,
    pub(super) as_of: DateTime<Utc>,
    max_bytes: u64,
    /// What was set aside so far, in bytes.
    bytes: u64,
}

/// An entity.
#[derive(Debug, Clone, Copy)]
pub(super) struct Point {
    text: u32,
    key_length: u32,
    display_length: u32,
    name_length: u32,
    account: u32,
    /// Into `entity_kinds`.
    pub(super) kind: u16,
    /// Whether it is stored and not only named.
    pub(super) standing: Standing,
    /// The property `public`.
    pub(super) public: Option<bool>,
}

/// How much is known of an entity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// Read from its own account.
    Read,
    /// Known only because something else names it.
    Placeholder,
    /// The end of a relationship that is not stored.
    Missing,
}

/// A relationship. Parallel ones are several.
#[derive(Debug, Clone, Copy)]
pub(super) struct Link {
    /// Into `relationship_kinds`.
    pub(super) kind: u16,
    pub(super) flags: Flags,
}

/// What access depends on in the properties of a relationship: bits, see [`Flags::names`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Flags(pub(super) u16);

impl Flags {
    pub(super) const NONE: Self = Self(0);
    /// A rule that lets something in.
    pub(super) const INGRESS: Self = Self(1);
    /// A policy that permits everything, or everything of a service.
    pub(super) const ADMIN: Self = Self(2);
    /// A policy that permits to read.
    pub(super) const READ: Self = Self(4);
    /// A policy that permits to change what is there.
    pub(super) const UPDATE: Self = Self(8);
    /// A policy that permits to create or delete.
    pub(super) const CHANGE: Self = Self(16);
    /// A policy that permits to call, send to, or act as.
    pub(super) const INVOKE: Self = Self(32);
    /// Holds under conditions only.
    pub(super) const CONDITION: Self = Self(64);

    pub(super) const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(super) fn has_any(self, of: Self) -> bool {
        self.0 & of.0 != 0
    }

    /// The bits by name, in the order of the table in the documentation.
    pub(super) fn names(self) -> Vec<&'static str> {
        let names = [
            (Self::INGRESS, "ingress"),
            (Self::ADMIN, "admin"),
            (Self::READ, "read"),
            (Self::UPDATE, "update"),
            (Self::CHANGE, "create or delete"),
            (Self::INVOKE, "invoke"),
            (Self::CONDITION, "condition"),
        ];
        names.into_iter().filter(|(bit, _)| self.has_any(*bit)).map(|(_, name)| name).collect()
    }
}

/// A type with its classes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct EntityKind {
    pub(super) type_name: Box<str>,
    pub(super) classes: Vec<Box<str>>,
}

impl EntityKind {
    pub(super) fn is_of(&self, class: &str) -> bool {
        self.classes.iter().any(|it| **it == *class)
    }
}

/// A type of relationship.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RelationshipKind {
    /// Its number in the database.
    pub(super) rel_type: i16,
    pub(super) type_name: Box<str>,
    pub(super) verb: Box<str>,
    pub(super) from_type: Box<str>,
    pub(super) to_type: Box<str>,
}

/// What is to be known of an entity.
#[derive(Debug, Clone, Copy)]
pub(super) struct NewEntity<'a> {
    pub(super) identity: u128,
    pub(super) key: &'a str,
    pub(super) display_name: &'a str,
    /// Empty if it is the display name.
    pub(super) name: &'a str,
    pub(super) account: &'a str,
    pub(super) kind: u16,
    pub(super) standing: Standing,
    pub(super) public: Option<bool>,
}

/// What a page of memory costs besides the contents: vectors grow by a quarter, and at least by this many.
const SMALLEST_GROWTH: usize = 1024;

impl Graph {
    /// A graph that may grow to these limits.
    pub(super) fn empty(limits: &Limits) -> Self {
        Self { max_bytes: limits.max_bytes, ..Self::default() }
    }

    /// How many entities there are, with those that are only named.
    pub fn entities(&self) -> usize {
        self.net.node_count()
    }

    /// How many relationships there are.
    pub fn relationships(&self) -> usize {
        self.net.edge_count()
    }

    /// The moment it was read.
    pub fn as_of(&self) -> DateTime<Utc> {
        self.as_of
    }

    /// What the graph takes in memory, in bytes.
    pub fn memory_bytes(&self) -> u64 {
        self.bytes
    }

    /// Whether the entity is stored; otherwise a relationship leads there, and that is all that is known.
    pub fn is_stored(&self, place: Place) -> bool {
        self.net[place.0].standing != Standing::Missing
    }

    /// The key of an entity.
    pub fn key(&self, place: Place) -> &str {
        let point = &self.net[place.0];
        self.text(point.text, 0, point.key_length)
    }

    /// What people call an entity.
    pub fn display_name(&self, place: Place) -> &str {
        let point = &self.net[place.0];
        let name = self.text(point.text, point.key_length, point.display_length);
        if name.is_empty() { self.key(place) } else { name }
    }

    /// The name of an entity, if it is not the display name.
    pub(super) fn other_name(&self, place: Place) -> &str {
        let point = &self.net[place.0];
        self.text(point.text, point.key_length + point.display_length, point.name_length)
    }

    /// The type of an entity.
    pub fn type_name(&self, place: Place) -> &str {
        &self.kind(place).type_name
    }

    /// The account of an entity; empty if it has none.
    pub(super) fn account(&self, place: Place) -> &str {
        &self.accounts[self.net[place.0].account as usize]
    }

    pub(super) fn kind(&self, place: Place) -> &EntityKind {
        &self.entity_kinds[usize::from(self.net[place.0].kind)]
    }

    pub(super) fn relationship_kind(&self, edge: EdgeIndex<u32>) -> &RelationshipKind {
        &self.relationship_kinds[usize::from(self.net[edge].kind)]
    }

    /// Every place.
    pub(super) fn places(&self) -> impl Iterator<Item = Place> {
        self.net.node_indices().map(Place)
    }

    pub(super) fn identity(&self, place: Place) -> u128 {
        self.identities.at(place.0.index())
    }

    pub(super) fn place(&self, identity: u128) -> Option<Place> {
        self.identities.find(identity).map(|it| Place(NodeIndex::new(it as usize)))
    }

    fn text(&self, start: u32, offset: u32, length: u32) -> &str {
        let start = start as usize + offset as usize;
        &self.texts[start..start + length as usize]
    }

    /// Makes room for what is expected.
    pub(super) fn reserve(&mut self, entities: usize, relationships: usize) -> Result<(), PathError> {
        self.grow_entities(entities)?;
        self.grow_relationships(relationships)?;
        // An ARN is about as long as this; the names come on top when they are there.
        self.grow_texts(entities.saturating_mul(64))
    }

    /// Adds an entity whose identity is not there yet.
    pub(super) fn add_entity(&mut self, it: &NewEntity<'_>) -> Result<Place, PathError> {
        if self.net.node_count() == self.net.capacity().0 {
            self.grow_entities((self.net.node_count() / 4).max(SMALLEST_GROWTH))?;
        }
        let account = self.account_number(it.account);
        let text = self.add_text(it.key)?;
        self.add_text(it.display_name)?;
        self.add_text(it.name)?;
        let place = Place(self.net.add_node(Point {
            text,
            key_length: length(it.key)?,
            display_length: length(it.display_name)?,
            name_length: length(it.name)?,
            account,
            kind: it.kind,
            standing: it.standing,
            public: it.public,
        }));
        let number = u32::try_from(place.0.index()).map_err(|_| self.too_large(u64::MAX))?;
        self.identities.add(it.identity, number);
        Ok(place)
    }

    /// Gives a key to an entity that was added without.
    pub(super) fn name_missing(&mut self, place: Place, key: &str) -> Result<(), PathError> {
        let text = self.add_text(key)?;
        let point = &mut self.net[place.0];
        (point.text, point.key_length) = (text, length(key)?);
        Ok(())
    }

    pub(super) fn add_relationship(&mut self, from: Place, to: Place, link: Link) -> Result<(), PathError> {
        if self.net.edge_count() == self.net.capacity().1 {
            self.grow_relationships((self.net.edge_count() / 4).max(SMALLEST_GROWTH))?;
        }
        self.net.add_edge(from.0, to.0, link);
        Ok(())
    }

    fn account_number(&mut self, account: &str) -> u32 {
        if let Some(number) = self.numbers_of_accounts.get(account) {
            return *number;
        }
        let number = u32::try_from(self.accounts.len()).expect("accounts have twelve digits at most");
        self.accounts.push(account.into());
        self.numbers_of_accounts.insert(account.into(), number);
        number
    }

    fn add_text(&mut self, text: &str) -> Result<u32, PathError> {
        if self.texts.len() + text.len() > self.texts.capacity() {
            self.grow_texts((self.texts.len() / 4).max(SMALLEST_GROWTH * 64).max(text.len()))?;
        }
        let start = u32::try_from(self.texts.len()).map_err(|_| self.too_large(u64::MAX))?;
        self.texts.push_str(text);
        Ok(start)
    }

    fn grow_entities(&mut self, more: usize) -> Result<(), PathError> {
        let (before, after) = (self.net.capacity().0, self.net.node_count() + more);
        // A node of petgraph is the weight and the heads of two lists of edges.
        let node = size_of::<Point>() + 2 * size_of::<u32>();
        self.claim(more * node + Identities::bytes(after) - Identities::bytes(before))?;
        self.net.reserve_exact_nodes(more);
        self.identities.reserve(after);
        Ok(())
    }

    fn grow_relationships(&mut self, more: usize) -> Result<(), PathError> {
        // An edge of petgraph is the weight, two ends, and the rest of two lists.
        self.claim(more.saturating_mul(size_of::<Link>() + 4 * size_of::<u32>()))?;
        self.net.reserve_exact_edges(more);
        Ok(())
    }

    fn grow_texts(&mut self, more: usize) -> Result<(), PathError> {
        self.claim(more)?;
        self.texts.reserve_exact(more);
        Ok(())
    }

    /// Notes that memory will be taken, or refuses it.
    fn claim(&mut self, bytes: usize) -> Result<(), PathError> {
        let needed = self.bytes.saturating_add(u64::try_from(bytes).unwrap_or(u64::MAX));
        if needed > self.max_bytes {
            return Err(self.too_large(needed));
        }
        self.bytes = needed;
        Ok(())
    }

    fn too_large(&self, needed: u64) -> PathError {
        PathError::TooLarge { limit_mib: self.max_bytes >> 20, needed_mib: needed.div_ceil(1 << 20) }
    }
}

fn length(text: &str) -> Result<u32, PathError> {
    u32::try_from(text.len()).map_err(|_| PathError::Copy("a text is too large"))
}
