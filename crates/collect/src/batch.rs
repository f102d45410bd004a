//! The rows a collector yields, and the rules every row obeys.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use orgraph_model::{
    AccountId, Entity as Row, EntityType, Gap, GapKind, Key, Properties, Ref, Reference, Region,
    Relationship, Source, Status, Verb,
};
use serde_json::Value;

use crate::{Collector, Cx, Detail, Entity, Target};

/// The longest text of one property, in bytes. Longer values are dropped and recorded.
const MAX_TEXT_BYTES: usize = 64 << 10;

/// The most entities one partition holds.
const MAX_ENTITIES: usize = 500_000;

/// What one run has found so far.
#[derive(Debug)]
pub struct Batch {
    account: AccountId,
    region: Region,
    entities: Vec<Row>,
    relationships: Vec<Relationship>,
    references: Vec<Reference>,
    gaps: Vec<Gap>,
}

impl Batch {
    /// An empty batch for the account and region of `cx`.
    pub fn new(cx: &Cx) -> Self {
        Self {
            account: cx.account().clone(),
            region: cx.region().clone(),
            entities: Vec::new(),
            relationships: Vec::new(),
            references: Vec::new(),
            gaps: Vec::new(),
        }
    }

    /// Adds an entity. `name` is what the API calls it; the tag `Name` wins over it.
    ///
    /// An entity whose ARN belongs to another account is not written: that account's own collector does.
    pub fn add<E: Entity>(&mut self, key: impl Into<Key>, name: impl Into<String>, entity: &E) -> Added<'_> {
        let key = key.into();
        // The word `aws` in place of an account is AWS itself, which no collector reads.
        let owner = key.arn_account().filter(|it| *it != "aws");
        let checked = E::ARN_NAMES_OWNER && !E::TYPE.shared;
        if checked && owner.is_some_and(|it| it != self.account.as_str()) {
            self.gaps.push(item_gap(Some(key), "an entity of another account".to_owned()));
            return Added { batch: self, index: None };
        }
        let Ok(Value::Object(properties)) = serde_json::to_value(entity) else {
            self.gaps.push(item_gap(Some(key), "properties that are not a JSON object".to_owned()));
            return Added { batch: self, index: None };
        };
        let name = name.into();
        self.entities.push(Row {
            key,
            entity_type: E::TYPE,
            source: Source::Integration,
            account: self.account.clone(),
            region: self.region.clone(),
            name: Some(name.clone()),
            display_name: Some(name),
            properties,
            tags: Properties::new(),
            volatile: E::VOLATILE,
        });
        let index = Some(self.entities.len() - 1);
        Added { batch: self, index }
    }

    /// Adds a stand-in for something that is only named, such as a foreign account. It yields to the owner of the key.
    pub fn placeholder(&mut self, named: &Ref, owner: &AccountId, name: &str) {
        self.entities.push(Row {
            key: named.key.clone(),
            entity_type: named.entity_type,
            source: Source::SystemMapper,
            account: owner.clone(),
            region: self.region.clone(),
            name: Some(name.to_owned()),
            display_name: Some(name.to_owned()),
            properties: Properties::new(),
            tags: Properties::new(),
            volatile: &[],
        });
    }

    /// Adds a relationship; neither end has to be stored.
    pub fn link(&mut self, from: Ref, verb: Verb, to: Ref) -> Linked<'_> {
        self.relationships.push(Relationship {
            from,
            verb,
            to,
            discriminator: String::new(),
            properties: Properties::new(),
        });
        let index = self.relationships.len() - 1;
        Linked { batch: self, index }
    }

    /// Adds a relationship from `from` to each entity of `to_type` in this account and region whose `property` is, or
    /// holds, `value`.
    pub fn find(
        &mut self,
        from: Ref,
        verb: Verb,
        to_type: EntityType,
        property: &str,
        value: &str,
    ) -> &mut Reference {
        self.reference(from, verb, to_type, property, value, false)
    }

    /// Adds a relationship to `to` from each entity of `from_type` in this account and region whose `property` is, or
    /// holds, `value`.
    pub fn find_source(
        &mut self,
        from_type: EntityType,
        property: &str,
        value: &str,
        verb: Verb,
        to: Ref,
    ) -> &mut Reference {
        self.reference(to, verb, from_type, property, value, true)
    }

    fn reference(
        &mut self,
        from: Ref,
        verb: Verb,
        to_type: EntityType,
        property: &str,
        value: &str,
        reversed: bool,
    ) -> &mut Reference {
        self.references.push(Reference {
            from,
            verb,
            to_type,
            property: property.to_owned(),
            value: value.to_owned(),
            reversed,
            any_region: false,
            properties: Properties::new(),
        });
        let last = self.references.len() - 1;
        &mut self.references[last]
    }

    /// Records an item that could not be read. With its key, the entity it was before is kept; without, nothing of
    /// the partition is removed.
    pub fn skip(&mut self, key: Option<Key>, why: impl Into<String>) {
        self.gaps.push(item_gap(key, why.into()));
    }

    /// Records a failed detail call that feeds the entity `key`, which is not in this batch itself (for instance the
    /// policy of a bucket): it is kept as it was before, with the relationships that touch it.
    pub fn keep<T>(&mut self, key: impl Into<Key>, detail: &Detail<T>) {
        self.gaps.extend(detail.gap(key, &[]));
    }

    /// Records a part of the listing that could not be read, after which nothing of the partition is removed.
    pub fn incomplete(&mut self, error: &crate::CollectError) {
        self.gaps.push(Gap {
            kind: GapKind::Listing,
            key: None,
            operation: error.operation().to_owned(),
            properties: Vec::new(),
            status: error.status(),
            reason: error.to_string(),
        });
    }

    /// Ends the batch: one row per key, the declared relationships from the service entity, the account's tags, and
    /// nothing that PostgreSQL would refuse.
    pub(crate) fn finish(mut self, collector: &Collector, target: &Target) -> Finished {
        if self.entities.len() > MAX_ENTITIES {
            self.gaps.push(Gap {
                kind: GapKind::Listing,
                key: None,
                operation: collector.name.to_owned(),
                properties: Vec::new(),
                status: Status::Partial,
                reason: format!("more than {MAX_ENTITIES} entities in one partition; the rest is left out"),
            });
            self.entities.truncate(MAX_ENTITIES);
        }
        self.assert_declared(collector);
        self.link_service(collector);
        for entity in &mut self.entities {
            settle(entity, target, &self.gaps);
            let cleaned = clean_row(entity);
            if let Some(reason) = cleaned {
                self.gaps.push(value_gap(entity.key.clone(), reason));
            }
        }
        for relationship in &mut self.relationships {
            clean_properties(&mut relationship.properties, &mut Vec::new());
        }
        let (entities, conflicting) = unique(self.entities, |it| it.key.clone());
        if conflicting > 0 {
            self.gaps.push(Gap {
                kind: GapKind::Listing,
                key: None,
                operation: collector.name.to_owned(),
                properties: Vec::new(),
                status: Status::Partial,
                reason: format!(
                    "inconsistent listing: {conflicting} keys came twice with different contents"
                ),
            });
        }
        let ends =
            |it: &Relationship| (it.from.key.clone(), it.verb, it.to.key.clone(), it.discriminator.clone());
        let (relationships, _) = unique(self.relationships, ends);
        let (references, _) = unique(self.references, Reference::content_hash);
        Finished { entities, relationships, references, gaps: self.gaps }
    }

    fn link_service(&mut self, collector: &Collector) {
        let Some(service) = collector.service.entity else {
            return;
        };
        let declared: Vec<EntityType> = collector
            .relationships
            .iter()
            .filter(|it| it.from == service && it.verb == Verb::Has)
            .map(|it| it.to)
            .collect();
        let from = service.of_account(&self.account);
        let found = self.entities.iter().filter(|it| declared.contains(&it.entity_type));
        let links: Vec<Relationship> = found
            .map(|it| Relationship {
                from: from.clone(),
                verb: Verb::Has,
                to: it.entity_type.at(&it.key),
                discriminator: String::new(),
                properties: Properties::new(),
            })
            .collect();
        self.relationships.extend(links);
    }

    /// What is not declared has no policy, no documentation and no view: a bug that must not pass silently.
    fn assert_declared(&self, collector: &Collector) {
        for entity in self.entities.iter().filter(|it| it.source == Source::Integration) {
            let declared = collector.entities.iter().any(|it| it.entity_type == entity.entity_type);
            assert!(declared, "{} does not declare the entity {}", collector.name, entity.entity_type);
        }
        let found = self.relationships.iter().map(|it| (it.from.entity_type, it.verb, it.to.entity_type));
        let looked_up = self.references.iter().map(|it| {
            let (from, to) = (it.from.entity_type, it.to_type);
            if it.reversed { (to, it.verb, from) } else { (from, it.verb, to) }
        });
        for (from, verb, to) in found.chain(looked_up) {
            let declared =
                collector.relationships.iter().any(|it| (it.from, it.verb, it.to) == (from, verb, to));
            assert!(declared, "{} does not declare {from} {verb} {to}", collector.name);
        }
    }
}

/// A batch that has ended.
#[derive(Debug)]
pub(crate) struct Finished {
    pub(crate) entities: Vec<Row>,
    pub(crate) relationships: Vec<Relationship>,
    pub(crate) references: Vec<Reference>,
    pub(crate) gaps: Vec<Gap>,
}

/// An entity that was just added.
#[derive(Debug)]
pub struct Added<'a> {
    batch: &'a mut Batch,
    index: Option<usize>,
}

impl Added<'_> {
    /// Its tags. `PII`, `PHI`, `PCI` and `Production` become booleans where they read as one; `Classification` and
    /// `Owner`, in any case, become properties too.
    pub fn tags<K: Into<String>, V: Into<String>>(mut self, tags: impl IntoIterator<Item = (K, V)>) -> Self {
        if let Some(row) = self.row() {
            row.tags = tags.into_iter().map(|(key, value)| tag(key.into(), value.into())).collect();
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
        let row = &mut self.batch.entities[index];
        if let Some(gap) = detail.gap(row.key.clone(), properties) {
            for property in properties {
                row.properties.remove(*property);
            }
            self.batch.gaps.push(gap);
        }
        self
    }

    fn row(&mut self) -> Option<&mut Row> {
        self.index.map(|index| &mut self.batch.entities[index])
    }
}

/// A relationship that was just added.
#[derive(Debug)]
pub struct Linked<'a> {
    batch: &'a mut Batch,
    index: usize,
}

impl Linked<'_> {
    /// Says something about the relationship; `None` becomes `null`.
    pub fn property(self, name: &str, value: impl Into<Value>) -> Self {
        self.batch.relationships[self.index].properties.insert(name.to_owned(), value.into());
        self
    }

    /// Tells it apart from others of the same verb between the same ends.
    pub fn discriminator(self, text: impl Into<String>) -> Self {
        self.batch.relationships[self.index].discriminator = text.into();
        self
    }
}

fn item_gap(key: Option<Key>, reason: String) -> Gap {
    let operation = "item".to_owned();
    Gap { kind: GapKind::Item, key, operation, properties: Vec::new(), status: Status::Partial, reason }
}

fn value_gap(key: Key, reason: String) -> Gap {
    let operation = "value".to_owned();
    Gap {
        kind: GapKind::Value,
        key: Some(key),
        operation,
        properties: Vec::new(),
        status: Status::Partial,
        reason,
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

/// The properties that every collected entity has.
fn settle(entity: &mut Row, target: &Target, gaps: &[Gap]) {
    let tags_known = !gaps.iter().any(|gap| {
        gap.key.as_ref() == Some(&entity.key) && gap.properties.iter().any(|property| property == "tags")
    });
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
    if entity.account != target.account {
        // The organization's listing describes its members; each member's name and stage are its own.
        return;
    }
    let account_tags = [
        ("AccountName", target.tag_account_name.clone().map(Value::String)),
        ("Production", target.tag_production.map(Value::Bool)),
    ];
    for (key, value) in account_tags {
        if let Some(value) = value
            && let Some(own) = entity.tags.insert(key.to_owned(), value)
        {
            entity.tags.insert(format!("source.{key}"), own);
        }
    }
}

/// PostgreSQL stores no U+0000, and one oversized value must not fail a partition. Says what was altered.
fn clean_row(entity: &mut Row) -> Option<String> {
    let mut altered = Vec::new();
    if entity.key.as_str().contains('\0') {
        entity.key = Key::from(entity.key.as_str().replace('\0', "\u{FFFD}"));
        altered.push("the key".to_owned());
    }
    for (what, text) in [("name", &mut entity.name), ("displayName", &mut entity.display_name)] {
        if let Some(text) = text.as_mut().filter(|it| it.contains('\0')) {
            *text = text.replace('\0', "\u{FFFD}");
            altered.push(what.to_owned());
        }
    }
    clean_properties(&mut entity.properties, &mut altered);
    clean_properties(&mut entity.tags, &mut altered);
    (!altered.is_empty())
        .then(|| format!("values that cannot be stored were altered in {}", altered.join(", ")))
}

fn clean_properties(properties: &mut Properties, altered: &mut Vec<String>) {
    if properties.keys().any(|it| it.contains('\0')) {
        altered.push("a property name".to_owned());
        let renamed =
            std::mem::take(properties).into_iter().map(|(key, value)| (key.replace('\0', "\u{FFFD}"), value));
        *properties = renamed.collect();
    }
    for (name, value) in properties {
        if !clean_value(value) {
            altered.push(name.clone());
        }
    }
}

/// Whether the value could be stored as it was.
fn clean_value(value: &mut Value) -> bool {
    match value {
        Value::String(text) if text.len() > MAX_TEXT_BYTES => {
            *value = Value::Null;
            false
        }
        Value::String(text) if text.contains('\0') => {
            *text = text.replace('\0', "\u{FFFD}");
            false
        }
        Value::Array(elements) => {
            elements.iter_mut().filter_map(|it| (!clean_value(it)).then_some(())).count() == 0
        }
        Value::Object(members) => {
            let mut altered = Vec::new();
            clean_properties(members, &mut altered);
            altered.is_empty()
        }
        _ => true,
    }
}

/// One row per identity, the last one winning; and how many identities came with different contents.
fn unique<T: PartialEq, K: std::hash::Hash + Eq>(
    rows: Vec<T>,
    identity: impl Fn(&T) -> K,
) -> (Vec<T>, usize) {
    let mut places: HashMap<K, usize> = HashMap::with_capacity(rows.len());
    let mut kept: Vec<T> = Vec::with_capacity(rows.len());
    let mut conflicting = 0;
    for row in rows {
        match places.entry(identity(&row)) {
            Entry::Vacant(place) => {
                place.insert(kept.len());
                kept.push(row);
            }
            Entry::Occupied(place) if kept[*place.get()] != row => {
                kept[*place.get()] = row;
                conflicting += 1;
            }
            Entry::Occupied(_) => {}
        }
    }
    (kept, conflicting)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_row_twice_is_one_and_different_rows_of_one_key_are_noticed() {
        let key = |it: &(&'static str, i32)| it.0;

        assert_eq!(unique(vec![("a", 1), ("b", 2), ("a", 1)], key), (vec![("a", 1), ("b", 2)], 0));
        assert_eq!(unique(vec![("a", 1), ("b", 2), ("a", 3)], key), (vec![("a", 3), ("b", 2)], 1));
    }
}
