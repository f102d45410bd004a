//! Stored entities, as far as a linker reads them.

use std::collections::BTreeSet;

use orgraph_model::{AccountId, Entity, EntityId, EntityType, Key, Properties, Ref, Region, Relationship};
use serde_json::Value;

/// One stored entity.
#[derive(Debug, Clone, PartialEq)]
pub struct Fact {
    /// Its key.
    pub key: Key,
    /// Its type.
    pub entity_type: EntityType,
    /// The account it belongs to.
    pub account: AccountId,
    /// The region it lives in.
    pub region: Region,
    /// Its name.
    pub name: Option<String>,
    /// Its properties.
    pub properties: Properties,
    /// Its tags.
    pub tags: Properties,
}

impl From<Entity> for Fact {
    fn from(entity: Entity) -> Self {
        let Entity { key, entity_type, account, region, name, properties, tags, .. } = entity;
        Self { key, entity_type, account, region, name, properties, tags }
    }
}

impl Fact {
    /// The entity itself, as an end of a relationship.
    pub fn at(&self) -> Ref {
        self.entity_type.at(&self.key)
    }

    /// A property that is a text.
    pub fn text(&self, property: &str) -> Option<&str> {
        self.properties.get(property)?.as_str()
    }

    /// The tag of this name, whatever its case.
    pub fn tag(&self, name: &str) -> Option<&str> {
        self.tags.iter().find(|(key, _)| key.eq_ignore_ascii_case(name))?.1.as_str()
    }

    /// Whether a property is known to be true.
    pub fn is(&self, property: &str) -> bool {
        self.properties.get(property).and_then(Value::as_bool) == Some(true)
    }

    /// The texts of a property that is a text or a list of them.
    pub fn texts(&self, property: &str) -> impl Iterator<Item = &str> {
        let value = self.properties.get(property);
        let one = value.and_then(Value::as_str);
        let many = value.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
        one.into_iter().chain(many)
    }
}

/// Entities in the order of their keys, whatever order they came in, and relationships.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Facts {
    entities: Vec<Fact>,
    relationships: Vec<Relationship>,
}

impl Facts {
    /// The same with these relationships, in the order of the keys of their ends.
    pub fn with_relationships(mut self, mut relationships: Vec<Relationship>) -> Self {
        relationships.sort_by(|a, b| {
            let ends = (&a.from.key, a.verb.as_str(), &a.to.key, &a.discriminator);
            ends.cmp(&(&b.from.key, b.verb.as_str(), &b.to.key, &b.discriminator))
        });
        relationships.dedup();
        self.relationships = relationships;
        self
    }

    /// All relationships.
    pub fn relationships(&self) -> impl Iterator<Item = &Relationship> {
        self.relationships.iter()
    }

    /// Of each type.
    pub fn of(&self, entity_type: EntityType) -> impl Iterator<Item = &Fact> {
        self.entities.iter().filter(move |it| it.entity_type == entity_type)
    }

    /// All entities.
    pub fn iter(&self) -> impl Iterator<Item = &Fact> {
        self.entities.iter()
    }

    /// The same, with nothing but the names of these entities.
    #[must_use]
    pub fn with_only_names(mut self, of: &BTreeSet<EntityId>) -> Self {
        for fact in self.entities.iter_mut().filter(|it| of.contains(&it.key.id())) {
            fact.properties.clear();
            fact.tags.clear();
        }
        self
    }

    /// Whether there are no entities.
    pub fn is_empty(&self) -> bool {
        self.entities.is_empty()
    }
}

impl FromIterator<Fact> for Facts {
    fn from_iter<I: IntoIterator<Item = Fact>>(facts: I) -> Self {
        let mut facts: Vec<Fact> = facts.into_iter().collect();
        // What is there with its properties comes before what is only named.
        facts.sort_by(|a, b| {
            (&a.key, a.entity_type.name, a.properties.is_empty()).cmp(&(
                &b.key,
                b.entity_type.name,
                b.properties.is_empty(),
            ))
        });
        facts.dedup_by(|a, b| a.key == b.key && a.entity_type == b.entity_type);
        Self { entities: facts, relationships: Vec::new() }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use serde_json::json;

    use super::*;

    /// An entity for tests.
    pub(crate) fn fact(entity_type: EntityType, key: &str, properties: Value) -> Fact {
        let Value::Object(properties) = properties else { panic!("properties are an object") };
        Fact {
            key: Key::from(key),
            entity_type,
            account: "111111111111".parse().unwrap(),
            region: Region::global(),
            name: None,
            properties,
            tags: Properties::new(),
        }
    }

    #[test]
    fn a_list_and_a_single_text_read_the_same() {
        let one =
            fact(orgraph_model::vocabulary::AWS_ALB, "k", json!({"dnsName": "a", "aliases": ["b", 1, "c"]}));

        assert_eq!(one.texts("dnsName").collect::<Vec<_>>(), ["a"]);
        assert_eq!(one.texts("aliases").collect::<Vec<_>>(), ["b", "c"]);
        assert_eq!(one.texts("absent").count(), 0);
    }
}
