//! What a question means, evaluated as plainly as possible over a graph in memory. It shares the tree with the compiler
//! and the names of classes with the model, and nothing else.

mod condition;
mod expression;
mod walk;

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use orgraph_query::j1ql::ast::{
    Expression, Hop, Optional, Order, Pattern, Query, Return, Selector, Traversal, Verbs,
};
use serde_json::{Map, Value, json};

pub(crate) use self::expression::normal;
use crate::j1ql::database::Rows;
use crate::j1ql::graph::{Entity, Graph, Relationship};

/// What a name stands for in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Thing {
    Entity(usize),
    Relationship(usize),
}

/// One way that was found.
#[derive(Debug, Clone, Default)]
struct Path {
    entities: Vec<usize>,
    relationships: Vec<usize>,
    names: HashMap<String, Thing>,
    /// Ends of optional parts that were gone.
    ends: Vec<usize>,
}

pub(crate) struct Reference<'g> {
    graph: &'g Graph,
    now: DateTime<Utc>,
}

impl<'g> Reference<'g> {
    pub(crate) fn new(graph: &'g Graph, now: DateTime<Utc>) -> Self {
        Self { graph, now }
    }

    /// The rows of a question in the shape in which the database gives them.
    pub(crate) fn answer(&self, query: &Query) -> Rows {
        let mut paths = Vec::new();
        for at in 0..self.graph.entities.len() {
            if self.matches(&query.start, at) {
                let mut path = Path { entities: vec![at], ..Path::default() };
                name_entity(&mut path, &query.start, at);
                paths.push(path);
            }
        }
        let mut paths = self.walk(&query.steps, paths);
        if let Some(filter) = &query.filter {
            paths.retain(|path| self.holds_for_path(filter, path));
        }
        let mut rows = match &query.returns {
            None => self.entities(query, &paths),
            Some(Return::Tree) => self.tree(&paths),
            Some(Return::Items(items)) => self.rows(query, items, &paths),
        };
        let skip = query.skip.as_ref().map_or(0, |it| usize::try_from(it.node).unwrap());
        rows.drain(..skip.min(rows.len()));
        if let Some(limit) = &query.limit {
            rows.truncate(usize::try_from(limit.node).unwrap());
        }
        rows
    }

    fn entities(&self, query: &Query, paths: &[Path]) -> Rows {
        let mut found: Vec<usize> =
            paths.iter().flat_map(|it| [it.entities[0]].into_iter().chain(it.ends.clone())).collect();
        found.sort_by(|a, b| self.graph.entities[*a].key.cmp(&self.graph.entities[*b].key));
        found.dedup();
        let by = |order: &Order, at: usize| match &order.by {
            Expression::Property(property) => self.property(Thing::Entity(at), &property.name.node),
            other => panic!("{other}"),
        };
        found.sort_by(|a, b| {
            let sorts =
                query.order.iter().map(|it| expression::sorting(by(it, *a), by(it, *b), it.descending));
            sorts.fold(std::cmp::Ordering::Equal, std::cmp::Ordering::then)
        });
        found.into_iter().map(|at| vec![Some(self.object(Thing::Entity(at)))]).collect()
    }

    fn tree(&self, paths: &[Path]) -> Rows {
        let mut things: Vec<Thing> = paths
            .iter()
            .flat_map(|it| {
                let entities = it.entities.iter().map(|it| Thing::Entity(*it));
                entities.chain(it.relationships.iter().map(|it| Thing::Relationship(*it)))
            })
            .collect();
        things.sort_unstable();
        things.dedup();
        let kind = |it: &Thing| if matches!(it, Thing::Entity(_)) { "entity" } else { "relationship" };
        things.iter().map(|it| vec![Some(json!(kind(it))), Some(self.object(*it))]).collect()
    }

    /// The value of a property, `None` when it has none at all.
    fn property(&self, thing: Thing, name: &str) -> Option<Value> {
        match thing {
            Thing::Entity(at) => Self::entity_property(&self.graph.entities[at], name),
            Thing::Relationship(at) => self.relationship_property(&self.graph.relationships[at], name),
        }
    }

    fn entity_property(it: &Entity, name: &str) -> Option<Value> {
        match name {
            "_key" => Some(json!(it.key)),
            "_type" => Some(json!(it.entity_type)),
            "_class" => Some(json!(it.classes())),
            "_source" => Some(json!(it.source())),
            "_createdOn" => Some(json!(it.first_seen.timestamp_millis())),
            "_beginOn" => Some(json!(it.valid_from.timestamp_millis())),
            "_deleted" => Some(json!(false)),
            "_endOn" => None,
            "_integrationType" => (it.source() == "integration-managed").then(|| json!("aws")),
            "_integrationInstanceId" | "_IntegrationInstanceId" => {
                (it.source() == "integration-managed").then(|| json!(it.account))
            }
            "_integrationName" => it.tags.get("AccountName").cloned(),
            "name" => it.name.as_ref().map(|it| json!(it)),
            "displayName" => it.display_name.as_ref().map(|it| json!(it)),
            _ => match name.strip_prefix("tag.") {
                Some(tag) => it.tags.get(tag).cloned(),
                None => it.properties.get(name).cloned(),
            },
        }
    }

    fn relationship_property(&self, it: &Relationship, name: &str) -> Option<Value> {
        match name {
            "_key" => Some(json!(Self::relationship_key(it))),
            "_class" => Some(json!(it.verb)),
            "_type" => {
                let type_of =
                    |key| self.graph.entity(key).map_or("aws_instance", |it| it.entity_type.as_str());
                let to = type_of(&it.to);
                let to = to.strip_prefix("aws_").unwrap_or(to);
                Some(json!(format!("{}_{}_{to}", type_of(&it.from), it.verb.to_lowercase())))
            }
            "_fromEntityKey" => Some(json!(it.from)),
            "_toEntityKey" => Some(json!(it.to)),
            "_createdOn" | "_beginOn" => Some(json!(1_700_000_000_000_i64)),
            "_deleted" => Some(json!(false)),
            "_endOn" => None,
            _ => it.properties.get(name).cloned(),
        }
    }

    fn relationship_key(it: &Relationship) -> String {
        let key = format!("{}|{}|{}", it.from, it.verb, it.to);
        if it.discriminator.is_empty() { key } else { format!("{key}|{}", it.discriminator) }
    }

    /// Everything about an entity or relationship. The identity is left out: it is the database's business.
    fn object(&self, thing: Thing) -> Value {
        let mut object: Map<String, Value> = match thing {
            Thing::Entity(at) => {
                let entity = &self.graph.entities[at];
                let tags = entity.tags.iter().map(|(key, value)| (format!("tag.{key}"), value.clone()));
                entity.properties.clone().into_iter().chain(tags).collect()
            }
            Thing::Relationship(at) => self.graph.relationships[at].properties.clone(),
        };
        let envelope: &[&str] = match thing {
            Thing::Entity(_) => {
                &["_key", "_type", "_class", "_source", "_createdOn", "_beginOn", "name", "displayName"]
            }
            Thing::Relationship(_) => {
                &["_key", "_type", "_class", "_fromEntityKey", "_toEntityKey", "_createdOn", "_beginOn"]
            }
        };
        for name in envelope {
            if let Some(value) = self.property(thing, name) {
                object.insert((*name).to_owned(), value);
            }
        }
        Value::Object(object)
    }
}

fn name_entity(path: &mut Path, selector: &Selector, at: usize) {
    match (&selector.alias, &selector.pattern) {
        (Some(alias), _) => {
            path.names.insert(alias.node.clone(), Thing::Entity(at));
        }
        (None, Pattern::Names(names)) if names.len() == 1 => {
            path.names.entry(names[0].node.clone()).or_insert(Thing::Entity(at));
        }
        (None, _) => {}
    }
}

fn name_relationship(path: &mut Path, hop: &Hop, at: usize) {
    match (&hop.alias, &hop.verbs) {
        (Some(alias), _) => {
            path.names.insert(alias.node.clone(), Thing::Relationship(at));
        }
        (None, Verbs::Names(verbs)) if verbs.len() == 1 => {
            path.names.entry(verbs[0].node.to_uppercase()).or_insert(Thing::Relationship(at));
        }
        (None, _) => {}
    }
}

impl Reference<'_> {
    fn walk(&self, steps: &[Traversal], mut paths: Vec<Path>) -> Vec<Path> {
        for (at, step) in steps.iter().enumerate() {
            match step {
                Traversal::Hop(hop) if hop.negated => {
                    paths.retain(|path| {
                        // A fresh way from where this one has arrived.
                        let fresh =
                            Path { entities: vec![*path.entities.last().unwrap()], ..Path::default() };
                        let mut hop = hop.clone();
                        hop.negated = false;
                        let mut rest = vec![Traversal::Hop(hop)];
                        rest.extend(steps[at + 1..].iter().cloned());
                        self.walk(&rest, vec![fresh]).is_empty()
                    });
                    return paths;
                }
                Traversal::Hop(hop) => paths = paths.iter().flat_map(|path| self.follow(hop, path)).collect(),
                Traversal::Optional(Optional { steps, alias, .. }) => {
                    let mut gone = self.walk(steps, paths.clone());
                    for path in &mut gone {
                        path.ends.push(*path.entities.last().unwrap());
                    }
                    paths.append(&mut gone);
                    if let Some(alias) = alias {
                        for path in &mut paths {
                            path.names
                                .insert(alias.node.clone(), Thing::Entity(*path.entities.last().unwrap()));
                        }
                    }
                }
            }
        }
        paths
    }
}
