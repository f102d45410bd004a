//! The part of the graph that an answer is about: its entities as nodes, its relationships as edges.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::time::Duration;

use serde::Serialize;
use serde_json::Value;
use sqlx::FromRow;

use crate::{AskError, Header, Reader, Row, Sink};

/// Nodes and edges.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AnswerGraph {
    /// By key.
    pub nodes: BTreeMap<String, Node>,
    /// By key.
    pub edges: BTreeMap<String, Edge>,
    columns: Vec<String>,
}

/// An entity.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, FromRow)]
pub struct Node {
    /// Its key.
    #[serde(rename = "_key")]
    pub key: String,
    /// Its type; nothing when it is not stored.
    #[serde(rename = "_type")]
    pub entity_type: Option<String>,
    /// What it is called.
    #[serde(rename = "displayName")]
    pub display_name: Option<String>,
    /// How much is known of it, where that was asked: `read`, `placeholder` or `missing`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[sqlx(skip)]
    pub state: Option<&'static str>,
}

/// A relationship.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, FromRow)]
pub struct Edge {
    /// Its key.
    #[serde(rename = "_key")]
    pub key: String,
    /// Its verb.
    #[serde(rename = "_class")]
    pub verb: String,
    /// The key of the entity it comes from.
    #[serde(rename = "_fromEntityKey")]
    pub from: String,
    /// The key of the entity it leads to.
    #[serde(rename = "_toEntityKey")]
    pub to: String,
    /// What it says, in short, where that was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[sqlx(skip)]
    pub note: Option<String>,
    /// What it rests on.
    #[serde(skip)]
    #[sqlx(skip)]
    pub basis: Basis,
}

/// What an edge of a picture rests on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Basis {
    /// A relationship.
    #[default]
    Relationship,
    /// A relationship that holds under conditions only.
    Conditional,
    /// What the entity it leads to says of itself.
    Implied,
}

impl Basis {
    /// As it is written; nothing for a plain relationship.
    pub fn as_str(self) -> Option<&'static str> {
        match self {
            Self::Relationship => None,
            Self::Conditional => Some("conditional"),
            Self::Implied => Some("implied"),
        }
    }
}

impl AnswerGraph {
    /// Takes every entity and relationship in a value, however deep.
    fn add(&mut self, value: &Value) {
        match value {
            Value::Array(items) => items.iter().for_each(|it| self.add(it)),
            Value::Object(members) => {
                let text = |name: &str| members.get(name).and_then(Value::as_str).map(str::to_owned);
                let from = text("_fromEntityKey").or_else(|| text("from_key"));
                let to = text("_toEntityKey").or_else(|| text("to_key"));
                match (text("_key"), from, to) {
                    (Some(key), Some(from), Some(to)) => {
                        let verb = text("_class").unwrap_or_default();
                        self.edges.insert(key.clone(), Edge { key, verb, from, to, ..Edge::default() });
                    }
                    (Some(key), ..) => {
                        let display_name = text("displayName").or_else(|| text("display_name"));
                        let entity_type = text("_type");
                        let node = Node { key: key.clone(), entity_type, display_name, state: None };
                        let known = self.nodes.entry(key).or_insert_with(|| node.clone());
                        known.entity_type = known.entity_type.take().or(node.entity_type);
                        known.display_name = known.display_name.take().or(node.display_name);
                    }
                    _ => members.values().for_each(|it| self.add(it)),
                }
            }
            _ => {}
        }
    }

    /// Entities the edges speak of that are not among the nodes, and nodes of which only the key is known.
    fn unknown(&self) -> Vec<String> {
        let ends = self.edges.values().flat_map(|it| [&it.from, &it.to]);
        let keys: BTreeSet<&String> = ends.chain(self.nodes.keys()).collect();
        let is_unknown = |it: &&String| self.nodes.get(*it).is_none_or(|it| it.entity_type.is_none());
        keys.into_iter().filter(is_unknown).cloned().collect()
    }
}

impl Sink for AnswerGraph {
    fn header(&mut self, header: &Header) -> io::Result<()> {
        self.columns = header.columns.iter().map(|it| it.name.clone()).collect();
        Ok(())
    }

    /// A row is looked at as an object of its columns: `_key` and `_type` as columns are an entity too.
    fn row(&mut self, row: Row) -> io::Result<()> {
        let members = self.columns.iter().cloned().zip(row.parsed());
        let row = Value::Object(members.filter_map(|(name, value)| Some((name, value?))).collect());
        self.add(&row);
        Ok(())
    }
}

impl Reader {
    /// Completes the picture: what is to be known about every node, and, when the answer has no relationships of its
    /// own, those between its entities, up to `edges` of them.
    pub async fn complete_graph(
        &self,
        graph: &mut AnswerGraph,
        edges: u32,
        timeout: Duration,
    ) -> Result<(), AskError> {
        let failed = |error| AskError::database("read the picture", timeout, None, error);
        let mut reading = self.begin(timeout).await?;
        if graph.edges.is_empty() && graph.nodes.len() > 1 {
            let keys: Vec<&str> = graph.nodes.keys().map(String::as_str).collect();
            let found: Vec<Edge> = sqlx::query_as(EDGES_BETWEEN)
                .bind(keys)
                .bind(i64::from(edges))
                .fetch_all(reading.connection())
                .await
                .map_err(failed)?;
            graph.edges.extend(found.into_iter().map(|it| (it.key.clone(), it)));
        }
        let unknown = graph.unknown();
        if !unknown.is_empty() {
            let found: Vec<Node> =
                sqlx::query_as(NODES).bind(&unknown).fetch_all(reading.connection()).await.map_err(failed)?;
            graph.nodes.extend(found.into_iter().map(|it| (it.key.clone(), it)));
            for key in unknown {
                let bare = Node { key: key.clone(), ..Node::default() };
                graph.nodes.entry(key).or_insert(bare);
            }
        }
        reading.finish().await
    }
}

const EDGES_BETWEEN: &str = "\
SELECT r._key AS key, r._class AS verb, r.from_key AS \"from\", r.to_key AS \"to\"
FROM orgraph.relationship AS r
WHERE r.from_key = ANY ($1) AND r.to_key = ANY ($1)
ORDER BY r._key
LIMIT $2";

const NODES: &str = "\
SELECT e._key AS key, e._type AS entity_type, e.display_name
FROM orgraph.entity AS e
WHERE e._key = ANY ($1)";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::j1ql::{Column, ColumnKind, Shape};

    fn graph(columns: &[&str], rows: &[&str]) -> AnswerGraph {
        let mut graph = AnswerGraph::default();
        let column = |it: &&str| Column { name: (*it).to_owned(), kind: ColumnKind::Value };
        let columns = columns.iter().map(column).collect();
        graph.header(&Header { columns, shape: Shape::Rows }).unwrap();
        for row in rows {
            graph.row(Row::of_object(row).unwrap()).unwrap();
        }
        graph
    }

    #[test]
    fn entities_and_relationships_are_found_however_deep() {
        let row = r#"{"a":{"_key":"i-1","_type":"aws_instance","displayName":"one"},
            "b":[{"_key":"v|HAS|i-1","_class":"HAS","_fromEntityKey":"v","_toEntityKey":"i-1"}],"c":7}"#;

        let graph = graph(&["a", "b", "c"], &[row, row]);

        assert_eq!(graph.nodes["i-1"].display_name.as_deref(), Some("one"));
        assert_eq!(graph.edges["v|HAS|i-1"].from, "v");
        assert_eq!((graph.nodes.len(), graph.edges.len()), (1, 1));
        assert_eq!(graph.unknown(), ["v"]);
    }

    #[test]
    fn columns_named_as_in_the_views_are_entities_and_relationships_too() {
        let entities =
            graph(&["_key", "_type", "display_name"], &[r#"{"x":"i-1","y":"aws_instance","z":"one"}"#]);
        let relationships = graph(
            &["_key", "_class", "from_key", "to_key"],
            &[r#"{"x":"v|HAS|i-1","y":"HAS","z":"v","u":"i-1"}"#],
        );

        assert_eq!(entities.nodes["i-1"].display_name.as_deref(), Some("one"));
        assert_eq!(relationships.edges["v|HAS|i-1"].verb, "HAS");
    }
}
