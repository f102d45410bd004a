//! Answers as text for programs. Tables for people belong to the command line.

mod csv;
mod cytoscape;
mod dot;
mod graphml;
mod json;
mod ndjson;

pub use csv::CsvRows;
pub use cytoscape::cytoscape;
pub use dot::dot;
pub use graphml::graphml;
pub use json::JsonRows;
pub use ndjson::JsonLines;

use std::collections::BTreeMap;

use serde::Serialize;
use serde::ser::{Error, SerializeMap, Serializer};
use serde_json::value::RawValue;

use crate::j1ql::{ColumnKind, Shape};
use crate::{Header, Row};

/// A row as one object: the entity itself; `entity` or `relationship` of a tree; or a member per column, where a
/// property that is not there is left out, and `alias.*` is a member per property.
#[derive(Debug, Clone, Copy)]
pub struct Object<'a> {
    /// What the values are.
    pub header: &'a Header,
    /// The values.
    pub row: &'a Row,
}

impl Serialize for Object<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let values = self.row.values.as_slice();
        match (self.header.shape, values) {
            (Shape::Entities, [Some(entity), ..]) => entity.serialize(serializer),
            (Shape::Tree, [Some(kind), Some(object), ..]) => {
                let kind: &str = serde_json::from_str(kind.get()).map_err(S::Error::custom)?;
                let mut map = serializer.serialize_map(Some(1))?;
                map.serialize_entry(kind, object)?;
                map.end()
            }
            _ => {
                let mut map = serializer.serialize_map(None)?;
                for (column, value) in self.header.columns.iter().zip(values) {
                    let Some(value) = value else { continue };
                    if column.kind == ColumnKind::All {
                        let alias = column.name.trim_end_matches('*');
                        for (name, value) in members(value).map_err(S::Error::custom)? {
                            map.serialize_entry(&format!("{alias}{name}"), value)?;
                        }
                    } else {
                        map.serialize_entry(&column.name, value)?;
                    }
                }
                map.end()
            }
        }
    }
}

/// The members of an object, as they are written.
fn members(value: &RawValue) -> Result<BTreeMap<String, &RawValue>, serde_json::Error> {
    serde_json::from_str(value.get())
}

#[cfg(test)]
mod sample {
    use crate::j1ql::{Column, ColumnKind, Shape};
    use crate::{AnswerGraph, Basis, Edge, Header, Node};

    pub(super) fn header(columns: &[&str]) -> Header {
        let column = |it: &&str| Column { name: (*it).to_owned(), kind: ColumnKind::Value };
        Header { columns: columns.iter().map(column).collect(), shape: Shape::Rows }
    }

    /// Two nodes and an edge whose text would break out of any quotes.
    pub(super) fn graph() -> AnswerGraph {
        let mut graph = AnswerGraph::default();
        for (key, entity_type, name) in
            [("i-1", Some("aws_instance"), Some("a \"b\" \\ <c> & 'd'")), ("v\\", None, None)]
        {
            let node = Node {
                key: key.to_owned(),
                entity_type: entity_type.map(str::to_owned),
                display_name: name.map(str::to_owned),
                state: None,
            };
            graph.nodes.insert(key.to_owned(), node);
        }
        let key = "v\\|HAS|i-1".to_owned();
        let (from, to) = ("v\\".to_owned(), "i-1".to_owned());
        graph.edges.insert(key.clone(), Edge { key, verb: "HAS".to_owned(), from, to, ..Edge::default() });
        graph
    }

    /// The same with what paths know besides.
    pub(super) fn graph_of_paths() -> AnswerGraph {
        let mut graph = graph();
        graph
            .nodes
            .values_mut()
            .for_each(|it| it.state = Some(if it.key == "i-1" { "read" } else { "missing" }));
        graph.edges.values_mut().for_each(|it| {
            it.note = Some("tcp \"443\"\nand 1 more".to_owned());
            it.basis = Basis::Conditional;
        });
        let (from, to) = ("i-1".to_owned(), "v\\".to_owned());
        let implied =
            Edge { key: "k".to_owned(), verb: "it is public".to_owned(), from, to, ..Edge::default() };
        graph.edges.insert("k".to_owned(), Edge { basis: Basis::Implied, ..implied });
        graph
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::j1ql::Column;

    fn object(
        shape: Shape,
        columns: &[(&str, ColumnKind)],
        row: &str,
        absent: Option<usize>,
    ) -> serde_json::Value {
        let columns = columns.iter().map(|(name, kind)| Column { name: (*name).to_owned(), kind: *kind });
        let header = Header { columns: columns.collect(), shape };
        let mut row = Row::of_object(row).unwrap();
        if let Some(at) = absent {
            row.values[at] = None;
        }
        serde_json::to_value(Object { header: &header, row: &row }).unwrap()
    }

    #[test]
    fn a_row_is_what_its_shape_says() {
        let entity = r#"{"a":{"_key":"i-1"}}"#;
        let tree = r#"{"a":"entity","b":{"_key":"i-1"}}"#;
        let kinds = [("x", ColumnKind::Value), ("i.*", ColumnKind::All), ("y", ColumnKind::Value)];
        let values = r#"{"a":null,"b":{"p":1,"tag.q":null},"c":2}"#;

        assert_eq!(
            object(Shape::Entities, &[("i", ColumnKind::Entity)], entity, None),
            json!({"_key": "i-1"})
        );
        assert_eq!(object(Shape::Tree, &[], tree, None), json!({"entity": {"_key": "i-1"}}));
        assert_eq!(
            object(Shape::Rows, &kinds, values, Some(2)),
            json!({"x": null, "i.p": 1, "i.tag.q": null}),
            "null is known to be nothing, what is absent is not known"
        );
    }
}
