//! The rules that every row obeys, whatever collector yields it.

use std::collections::BTreeSet;

use orgraph_model::declare::{Declared, Rel};
use orgraph_model::{
    Entity as Row, EntityType, Gap, GapKind, Properties, Ref, Relationship, Source, Status, Verb,
};
use serde_json::Value;

use super::held::Held;
use crate::{Collector, Target};

/// The longest text of one property, in bytes. Longer values are dropped and recorded.
const MAX_TEXT_BYTES: usize = 64 << 10;

/// What the rules take from the collector and the account.
#[derive(Debug)]
pub(super) struct Rules {
    collector: &'static str,
    entities: Vec<EntityType>,
    relationships: Vec<Rel>,
    /// The entity that stands for the service, and what it has.
    service: Option<(Ref, Vec<EntityType>)>,
    target: Target,
}

impl Rules {
    pub(super) fn new(collector: &Collector, target: &Target) -> Self {
        let service = collector.service.entity.map(|service| {
            let has = collector.relationships.iter().filter(|it| it.from == service && it.verb == Verb::Has);
            (service.of_account(&target.account), has.map(|it| it.to).collect())
        });
        Self {
            collector: collector.name,
            entities: collector.entities.iter().map(|it: &Declared| it.entity_type).collect(),
            relationships: collector.relationships.to_vec(),
            service,
            target: target.clone(),
        }
    }

    /// Adds what all rows have and takes out what cannot be stored. Rows that are finished twice are not the same.
    pub(super) fn finish(&self, held: &mut Held) {
        self.assert_declared(held);
        self.link_service(held);
        let Held { entities, relationships, references, gaps, tags_unknown, .. } = held;
        for (index, entity) in entities.iter_mut().enumerate() {
            self.settle(entity, !tags_unknown.contains(&index));
            let mut altered = entity.make_storable();
            drop_overlong(&mut entity.properties, &mut altered);
            drop_overlong(&mut entity.tags, &mut altered);
            gaps.extend(Gap::altered(&entity.key, &altered));
        }
        for relationship in relationships {
            let mut altered = relationship.make_storable();
            drop_overlong(&mut relationship.properties, &mut altered);
            gaps.extend(Gap::altered(&relationship.from.key, &altered));
        }
        for reference in references {
            let altered = reference.make_storable();
            gaps.extend(Gap::altered(&reference.from.key, &altered));
        }
        gaps.iter_mut().for_each(Gap::make_storable);
    }

    /// The gap of a listing that named keys twice.
    pub(super) fn inconsistent(&self, conflicting: usize) -> Gap {
        let reason = format!("inconsistent listing: {conflicting} keys came twice with different contents");
        self.listing_gap(reason)
    }

    /// A gap that keeps everything from being removed.
    pub(super) fn listing_gap(&self, reason: String) -> Gap {
        Gap {
            kind: GapKind::Listing,
            key: None,
            operation: self.collector.to_owned(),
            properties: Vec::new(),
            status: Status::Partial,
            reason,
        }
    }

    fn link_service(&self, held: &mut Held) {
        let Some((service, has)) = &self.service else { return };
        let found = held.entities.iter().filter(|it| has.contains(&it.entity_type));
        held.relationships.extend(found.map(|it| Relationship {
            from: service.clone(),
            verb: Verb::Has,
            to: it.entity_type.at(&it.key),
            discriminator: String::new(),
            properties: Properties::new(),
        }));
    }

    /// What is not declared has no policy, no documentation and no view: a bug that must not pass silently.
    fn assert_declared(&self, held: &Held) {
        let name = self.collector;
        for entity in held.entities.iter().filter(|it| it.source == Source::Integration) {
            let declared = self.entities.contains(&entity.entity_type);
            assert!(declared, "{name} does not declare the entity {}", entity.entity_type);
        }
        let found = held.relationships.iter().map(|it| (it.from.entity_type, it.verb, it.to.entity_type));
        let looked_up = held.references.iter().map(|it| {
            let (from, to) = (it.from.entity_type, it.to_type);
            if it.reversed { (to, it.verb, from) } else { (from, it.verb, to) }
        });
        for (from, verb, to) in found.chain(looked_up) {
            let declared = self.relationships.contains(&Rel { from, verb, to });
            assert!(declared, "{name} does not declare {from} {verb} {to}");
        }
    }

    /// The properties that every collected entity has.
    fn settle(&self, entity: &mut Row, tags_known: bool) {
        let properties = &mut entity.properties;
        properties.insert("accountId".to_owned(), Value::from(entity.account.as_str()));
        if !entity.region.is_global() {
            properties.insert("region".to_owned(), Value::from(entity.region.as_str()));
        }
        if entity.key.as_str().starts_with("arn:") && !properties.contains_key("arn") {
            properties.insert("arn".to_owned(), Value::from(entity.key.as_str()));
        }
        if entity.source == Source::SystemMapper {
            properties.insert("placeholder".to_owned(), Value::Bool(true));
            return;
        }
        if tags_known {
            let tagged = |name: &str| {
                let tag = entity.tags.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
                tag.map(|(_, value)| value.clone())
            };
            if let Some(owner) = tagged("owner") {
                properties.insert("owner".to_owned(), owner);
            }
            let classified = entity.entity_type.class.iter().any(|it| matches!(*it, "DataStore" | "Disk"));
            match tagged("classification") {
                Some(classification) => drop(properties.insert("classification".to_owned(), classification)),
                None if classified => drop(properties.entry("classification").or_insert(Value::Null)),
                None => {}
            }
        }
        if let Some(Value::String(name)) = entity.tags.get("Name")
            && !name.trim().is_empty()
        {
            if entity.display_name == entity.name {
                entity.display_name = Some(name.clone());
            }
            entity.name = Some(name.clone());
        }
        if entity.account != self.target.account {
            // The organization's listing describes its members; each member's name and stage are its own.
            return;
        }
        let account_tags = [
            ("AccountName", self.target.tag_account_name.clone().map(Value::String)),
            ("Production", self.target.tag_production.map(Value::Bool)),
        ];
        for (key, value) in account_tags {
            if let Some(value) = value
                && let Some(own) = entity.tags.insert(key.to_owned(), value)
            {
                entity.tags.insert(format!("source.{key}"), own);
            }
        }
    }
}

/// One oversized value must not fail a partition. Names the members concerned.
fn drop_overlong(members: &mut Properties, altered: &mut BTreeSet<String>) {
    for (name, value) in members {
        if drop_overlong_value(value) {
            altered.insert(name.clone());
        }
    }
}

/// Whether something was dropped.
fn drop_overlong_value(value: &mut Value) -> bool {
    match value {
        Value::String(text) if text.len() > MAX_TEXT_BYTES => {
            *value = Value::Null;
            true
        }
        Value::Array(elements) => {
            elements.iter_mut().map(drop_overlong_value).fold(false, |any, it| any | it)
        }
        Value::Object(members) => {
            let mut altered = BTreeSet::new();
            drop_overlong(members, &mut altered);
            !altered.is_empty()
        }
        _ => false,
    }
}
