//! From entity to entity.

use orgraph_model::vocabulary;
use orgraph_query::j1ql::ast::{Direction, Hop, Pattern, Selector, Verbs};
use serde_json::Value;

use super::{Path, Reference, name_entity, name_relationship};
use crate::j1ql::graph::Entity;

impl Reference<'_> {
    /// Every way that goes one relationship further.
    pub(super) fn follow(&self, hop: &Hop, path: &Path) -> Vec<Path> {
        let here = *path.entities.last().unwrap();
        let key = &self.graph.entities[here].key;
        let mut further = Vec::new();
        for (at, relationship) in self.graph.relationships.iter().enumerate() {
            let forward = relationship.from == *key;
            let backward = relationship.to == *key;
            let is_allowed = match hop.direction {
                Direction::Either => forward || backward,
                Direction::Forward => forward,
                Direction::Backward => backward,
            };
            let is_verb = match &hop.verbs {
                Verbs::Any => true,
                Verbs::Names(names) => names.iter().any(|it| it.node.to_uppercase() == relationship.verb),
            };
            if !is_allowed || !is_verb || path.relationships.contains(&at) {
                continue;
            }
            let other = if forward { &relationship.to } else { &relationship.from };
            let Some(there) = self.graph.entities.iter().position(|it| it.key == *other) else { continue };
            if !self.matches(&hop.target, there) {
                continue;
            }
            let mut path = path.clone();
            path.entities.push(there);
            path.relationships.push(at);
            name_relationship(&mut path, hop, at);
            name_entity(&mut path, &hop.target, there);
            further.push(path);
        }
        further
    }

    pub(super) fn matches(&self, selector: &Selector, at: usize) -> bool {
        let entity = &self.graph.entities[at];
        let is_one = match &selector.pattern {
            Pattern::Any => true,
            Pattern::Names(names) => names.iter().any(|it| is_called(entity, &it.node)),
            Pattern::Text(text) => mentions(entity, &text.node.to_lowercase()),
        };
        let is_marked = |mark: &str| {
            let is_true = |name: &str| entity.tags.get(name).is_some_and(|it| *it == true || *it == "true");
            let classes = ["Application", "CodeRepo", "DataStore", "Function", "Host", "Logs"];
            is_true(mark)
                || (mark == "CriticalAsset"
                    && entity.classes().iter().any(|it| classes.contains(it))
                    && is_true("Production")
                    && entity.properties.get("classification").is_some_and(|it| *it == "critical"))
        };
        is_one
            && selector.marks.iter().all(|it| is_marked(&it.node))
            && selector.filter.as_ref().is_none_or(|it| self.holds_for_entity(it, at))
    }
}

fn is_called(entity: &Entity, name: &str) -> bool {
    if name.starts_with(char::is_uppercase) {
        entity.classes().contains(&name)
    } else {
        let known = vocabulary::by_name(name).is_some();
        known && entity.entity_type == name
    }
}

fn mentions(entity: &Entity, text: &str) -> bool {
    fn is_in(value: &Value, text: &str) -> bool {
        match value {
            Value::String(value) => value.to_lowercase().contains(text),
            Value::Number(value) => value.to_string().contains(text),
            Value::Array(values) => values.iter().any(|it| is_in(it, text)),
            Value::Object(values) => values.values().any(|it| is_in(it, text)),
            Value::Null | Value::Bool(_) => false,
        }
    }
    let envelope = [Some(&entity.key), entity.name.as_ref(), entity.display_name.as_ref()];
    envelope.into_iter().flatten().any(|it| it.to_lowercase().contains(text))
        || entity.properties.values().chain(entity.tags.values()).any(|it| is_in(it, text))
}
