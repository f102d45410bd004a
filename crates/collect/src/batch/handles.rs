//! What can be said about a row that was just added.

use orgraph_model::{AccountId, Entity as Row, Region, Relationship};
use serde_json::Value;

use super::held::Held;
use crate::Detail;

/// What an entity has from its tags, so that it is as unknown as they are.
const FROM_TAGS: [&str; 2] = ["owner", "classification"];

/// An entity that was just added.
#[derive(Debug)]
pub struct Added<'a> {
    pub(super) held: &'a mut Held,
    pub(super) index: Option<usize>,
}

impl Added<'_> {
    /// Its tags. `PII`, `PHI`, `PCI` and `Production` become booleans where they read as one; `Classification` and
    /// `Owner`, in any case, become properties too.
    pub fn tags<K: Into<String>, V: Into<String>>(self, tags: impl IntoIterator<Item = (K, V)>) -> Self {
        if let Some(index) = self.index {
            let tags = tags.into_iter().map(|(key, value)| tag(key.into(), value.into())).collect();
            self.held.tag(index, tags);
        }
        self
    }

    /// What a person would call it, where that is not its name.
    pub fn display_name(mut self, name: impl Into<String>) -> Self {
        if let Some(row) = self.row() {
            row.display_name = Some(name.into());
        }
        self
    }

    /// The console page that shows it.
    pub fn web_link(mut self, url: impl Into<String>) -> Self {
        if let Some(row) = self.row() {
            row.properties.insert("webLink".to_owned(), Value::String(url.into()));
        }
        self
    }

    /// The region it lives in, where that is not the partition's, such as that of a bucket.
    pub fn region(mut self, region: Region) -> Self {
        if let Some(row) = self.row() {
            row.region = region;
        }
        self
    }

    /// The account it belongs to, where that is not the one being read, such as a member in the organization's list.
    pub fn account(mut self, account: AccountId) -> Self {
        if let Some(row) = self.row() {
            row.account = account;
        }
        self
    }

    /// If `detail` is unknown: takes `properties` out of the entity, so that they keep their previous values, and
    /// records why. The word `tags` stands for all tags.
    pub fn unknown<T>(self, detail: &Detail<T>, properties: &[&str]) -> Self {
        let Some(index) = self.index else { return self };
        let row = &mut self.held.entities[index];
        if let Some(mut gap) = detail.gap(row.key.clone(), properties) {
            if properties.contains(&"tags") {
                self.held.tags_unknown.insert(index);
                gap.properties.extend(FROM_TAGS.map(str::to_owned));
            }
            for property in &gap.properties {
                row.properties.remove(property);
            }
            self.held.push_gap(gap);
        }
        self
    }

    fn row(&mut self) -> Option<&mut Row> {
        self.index.map(|index| &mut self.held.entities[index])
    }
}

/// A relationship that was just added.
#[derive(Debug)]
pub struct Linked<'a> {
    pub(super) relationship: &'a mut Relationship,
}

impl Linked<'_> {
    /// Says something about the relationship; `None` becomes `null`.
    pub fn property(self, name: &str, value: impl Into<Value>) -> Self {
        self.relationship.properties.insert(name.to_owned(), value.into());
        self
    }

    /// Tells it apart from others of the same verb between the same ends.
    pub fn discriminator(self, text: impl Into<String>) -> Self {
        self.relationship.discriminator = text.into();
        self
    }
}

fn tag(key: String, value: String) -> (String, Value) {
    const BOOLEANS: [&str; 4] = ["PII", "PHI", "PCI", "Production"];
    let value = match value.as_str() {
        "true" | "True" | "TRUE" if BOOLEANS.contains(&key.as_str()) => Value::Bool(true),
        "false" | "False" | "FALSE" if BOOLEANS.contains(&key.as_str()) => Value::Bool(false),
        _ => Value::String(value),
    };
    (key, value)
}
