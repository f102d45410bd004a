//! What is known of a request besides who asks for what: the keys that conditions and variables name.

use std::collections::BTreeMap;

use super::need::Need;

/// The keys of a request. One that is not named here may have any value, or none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Context {
    keys: BTreeMap<String, Given>,
    /// Beginnings of keys of which there are no others than those that are named.
    closed: Vec<String>,
}

/// What is known of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Given {
    /// It has these values; most keys have one.
    Values(Vec<String>),
    /// The request does not have it.
    Absent,
}

/// What is known of a key that something asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found<'a> {
    Values(&'a [String]),
    Absent,
    Unknown,
}

impl Context {
    /// Says that a key has a value, besides those that it was said to have.
    pub fn give(&mut self, key: &str, value: impl Into<String>) {
        let entry = self.keys.entry(key.to_lowercase()).or_insert_with(|| Given::Values(Vec::new()));
        match entry {
            Given::Values(values) => values.push(value.into()),
            Given::Absent => *entry = Given::Values(vec![value.into()]),
        }
    }

    /// Says that the request does not have a key.
    pub fn give_absent(&mut self, key: &str) {
        self.keys.insert(key.to_lowercase(), Given::Absent);
    }

    /// Says that the request has no keys with this beginning but those that are given.
    pub(super) fn close(&mut self, beginning: &str) {
        self.closed.push(beginning.to_lowercase());
    }

    /// Adds what another one says of keys that this one does not name.
    pub(super) fn fill(&mut self, other: Self) {
        for (key, given) in other.keys {
            self.keys.entry(key).or_insert(given);
        }
        self.closed.extend(other.closed);
    }

    /// What is known of a key, whatever its case.
    pub(super) fn find(&self, key: &str) -> Found<'_> {
        let key = key.trim().to_lowercase();
        match self.keys.get(&key) {
            Some(Given::Values(values)) => Found::Values(values),
            Some(Given::Absent) => Found::Absent,
            None if self.closed.iter().any(|it| key.starts_with(it.as_str())) => Found::Absent,
            None => Found::Unknown,
        }
    }
}

/// What would have to be known of a key.
pub(super) fn need(key: &str) -> Need {
    Need::Context(key.trim().to_owned())
}
