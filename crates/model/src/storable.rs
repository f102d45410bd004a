//! What a row may hold so that PostgreSQL keeps it: no U+0000, and no overlong part of an index. One bad item never
//! fails its partition; it is altered, and a gap says so.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::{Entity, Gap, GapKind, Key, Properties, Reference, Relationship, Status};

/// PostgreSQL refuses U+0000 in text and jsonb alike.
const NUL: char = '\0';
const REPLACEMENT: &str = "\u{fffd}";
/// What is part of an index may not be longer than a third of a page.
const MAX_DISCRIMINATOR_BYTES: usize = 512;

impl Entity {
    /// Whether it can be stored as it is.
    pub fn is_storable(&self) -> bool {
        let texts = [Some(self.key.as_str()), self.name.as_deref(), self.display_name.as_deref()];
        !texts.into_iter().flatten().any(has_nul)
            && are_storable(&self.properties)
            && are_storable(&self.tags)
    }

    /// Alters what cannot be stored, and names it.
    pub fn make_storable(&mut self) -> BTreeSet<String> {
        let mut altered = BTreeSet::new();
        if clean_key(&mut self.key) {
            altered.insert("the key".to_owned());
        }
        for (what, text) in [("name", &mut self.name), ("displayName", &mut self.display_name)] {
            if text.as_mut().is_some_and(clean_text) {
                altered.insert(what.to_owned());
            }
        }
        clean_members(&mut self.properties, &mut altered);
        clean_members(&mut self.tags, &mut altered);
        altered
    }
}

impl Relationship {
    /// Whether it can be stored as it is.
    pub fn is_storable(&self) -> bool {
        !has_nul(self.from.key.as_str())
            && !has_nul(self.to.key.as_str())
            && !has_nul(&self.discriminator)
            && self.discriminator.len() <= MAX_DISCRIMINATOR_BYTES
            && are_storable(&self.properties)
    }

    /// Alters what cannot be stored, and names it.
    pub fn make_storable(&mut self) -> BTreeSet<String> {
        let mut altered = BTreeSet::new();
        let ends = [&mut self.from.key, &mut self.to.key].map(clean_key);
        if ends.contains(&true) {
            altered.insert("an end of a relationship".to_owned());
        }
        let mut is_altered = clean_text(&mut self.discriminator);
        if self.discriminator.len() > MAX_DISCRIMINATOR_BYTES {
            let hash = Key::from(&self.discriminator).id();
            self.discriminator = format!("sha256:{}", hash.simple());
            is_altered = true;
        }
        if is_altered {
            altered.insert("the discriminator of a relationship".to_owned());
        }
        clean_members(&mut self.properties, &mut altered);
        altered
    }
}

impl Reference {
    /// Whether it can be stored as it is.
    pub fn is_storable(&self) -> bool {
        ![self.from.key.as_str(), &self.property, &self.value].into_iter().any(has_nul)
            && are_storable(&self.properties)
    }

    /// Alters what cannot be stored, and names it.
    pub fn make_storable(&mut self) -> BTreeSet<String> {
        let mut altered = BTreeSet::new();
        if clean_key(&mut self.from.key) {
            altered.insert("the known end of a reference".to_owned());
        }
        if clean_text(&mut self.property) | clean_text(&mut self.value) {
            altered.insert("what a reference looks for".to_owned());
        }
        clean_members(&mut self.properties, &mut altered);
        altered
    }
}

impl Gap {
    /// Whether it can be stored as it is.
    pub fn is_storable(&self) -> bool {
        let key = self.key.as_ref().map_or("", |it| it.as_str());
        let texts = [key, &self.operation, &self.reason];
        !texts.into_iter().chain(self.properties.iter().map(String::as_str)).any(has_nul)
    }

    /// Alters what cannot be stored.
    pub fn make_storable(&mut self) {
        clean_text(&mut self.operation);
        clean_text(&mut self.reason);
        for property in &mut self.properties {
            clean_text(property);
        }
        if let Some(key) = &mut self.key {
            clean_key(key);
        }
    }

    /// The gap of a row that was altered; `None` when nothing was.
    pub fn altered(key: &Key, altered: &BTreeSet<String>) -> Option<Self> {
        if altered.is_empty() {
            return None;
        }
        let names: Vec<&str> = altered.iter().map(String::as_str).collect();
        Some(Self {
            kind: GapKind::Value,
            key: Some(key.clone()),
            operation: "value".to_owned(),
            properties: Vec::new(),
            status: Status::Partial,
            reason: format!("values that cannot be stored were altered in {}", names.join(", ")),
        })
    }
}

/// Replaces what PostgreSQL refuses in a text of no row, such as the reason of an outcome.
pub fn clean_text(text: &mut String) -> bool {
    let is_dirty = has_nul(text);
    if is_dirty {
        *text = text.replace(NUL, REPLACEMENT);
    }
    is_dirty
}

fn has_nul(text: &str) -> bool {
    text.as_bytes().contains(&0)
}

fn are_storable(members: &Properties) -> bool {
    members.iter().all(|(name, value)| !has_nul(name) && is_storable(value))
}

fn is_storable(value: &Value) -> bool {
    match value {
        Value::String(it) => !has_nul(it),
        Value::Array(elements) => elements.iter().all(is_storable),
        Value::Object(members) => are_storable(members),
        Value::Null | Value::Bool(_) | Value::Number(_) => true,
    }
}

fn clean_key(key: &mut Key) -> bool {
    let is_dirty = has_nul(key.as_str());
    if is_dirty {
        *key = Key::from(key.as_str().replace(NUL, REPLACEMENT));
    }
    is_dirty
}

/// Names the members that were altered.
fn clean_members(members: &mut Properties, altered: &mut BTreeSet<String>) {
    if are_storable(members) {
        return;
    }
    *members = std::mem::take(members)
        .into_iter()
        .map(|(mut name, mut value)| {
            if clean_text(&mut name) | clean_value(&mut value) {
                altered.insert(name.clone());
            }
            (name, value)
        })
        .collect();
}

fn clean_value(value: &mut Value) -> bool {
    match value {
        Value::String(it) => clean_text(it),
        Value::Array(elements) => elements.iter_mut().map(clean_value).fold(false, |any, it| any | it),
        Value::Object(members) => {
            let mut altered = BTreeSet::new();
            clean_members(members, &mut altered);
            !altered.is_empty()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::vocabulary::{AWS_INSTANCE, AWS_VPC};
    use crate::{Region, Source, Verb};

    #[test]
    fn what_cannot_be_stored_is_replaced_and_named() {
        let properties = json!({"a": ["x\0y"], "fine": {"b": 1}, "k\0": {"b": "\0"}});
        let mut entity = Entity {
            key: Key::from("i\0"),
            entity_type: AWS_INSTANCE,
            source: Source::Integration,
            account: "000000000001".parse().unwrap(),
            region: Region::global(),
            name: Some("na\0me".to_owned()),
            display_name: None,
            properties: properties.as_object().unwrap().clone(),
            tags: Properties::new(),
            volatile: &[],
        };
        assert!(!entity.is_storable());

        let altered = entity.make_storable();

        assert!(entity.is_storable());
        assert_eq!(altered.into_iter().collect::<Vec<_>>(), ["a", "k\u{fffd}", "name", "the key"]);
        let expected = json!({"a": ["x\u{fffd}y"], "fine": {"b": 1}, "k\u{fffd}": {"b": "\u{fffd}"}});
        assert_eq!(Value::Object(entity.properties), expected);
    }

    #[test]
    fn an_overlong_discriminator_is_hashed() {
        let mut relationship = Relationship {
            from: AWS_INSTANCE.at("i"),
            verb: Verb::Has,
            to: AWS_VPC.at("v"),
            discriminator: "d".repeat(4000),
            properties: Properties::new(),
        };

        assert_eq!(relationship.make_storable().len(), 1);
        assert!(relationship.is_storable());
        assert!(relationship.discriminator.starts_with("sha256:"));
    }
}
