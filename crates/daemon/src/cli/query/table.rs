//! An answer as a table for people.

use std::collections::BTreeSet;
use std::io;

use comfy_table::{ContentArrangement, Table, presets};
use orgraph_query::j1ql::{ColumnKind, Shape};
use orgraph_query::{Header, Row, Sink};
use serde_json::{Map, Value};

use crate::cli::safe::Safe;

/// Rows in memory, because the width of a column is known after the last.
#[derive(Default)]
pub(super) struct TableRows {
    header: Option<Header>,
    rows: Vec<Vec<Option<Value>>>,
}

/// What is shown of an entity or a relationship; `--format json` has the rest.
const IN_SHORT: [&str; 5] = ["_type", "displayName", "accountId", "region", "_key"];

impl TableRows {
    pub(super) fn table(mut self) -> Table {
        let mut table = Table::new();
        table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
        let Some(header) = self.header.take() else { return table };
        match header.shape {
            Shape::Entities => {
                table.set_header(IN_SHORT);
                for row in &self.rows {
                    table.add_row(in_short(row.first()));
                }
            }
            Shape::Tree => {
                table.set_header(std::iter::once("").chain(IN_SHORT));
                for row in &self.rows {
                    let kind = cell(row.first().and_then(Option::as_ref));
                    table.add_row(std::iter::once(kind).chain(in_short(row.get(1))));
                }
            }
            Shape::Rows => self.add_columns(&header, &mut table),
        }
        table
    }

    fn add_columns(&self, header: &Header, table: &mut Table) {
        // `alias.*` is a column for each property that any row has.
        let properties: Vec<BTreeSet<&String>> = (0..header.columns.len())
            .map(|at| self.rows.iter().filter_map(|row| object(row.get(at))).flat_map(Map::keys).collect())
            .collect();
        let mut names = Vec::new();
        for (column, properties) in header.columns.iter().zip(&properties) {
            if column.kind == ColumnKind::All {
                let alias = column.name.trim_end_matches('*');
                names.extend(properties.iter().map(|it| Safe(&format!("{alias}{it}")).to_string()));
            } else {
                names.push(Safe(&column.name).to_string());
            }
        }
        table.set_header(names);
        for row in &self.rows {
            let mut cells = Vec::new();
            for ((at, column), properties) in header.columns.iter().enumerate().zip(&properties) {
                if column.kind == ColumnKind::All {
                    let object = object(row.get(at));
                    cells.extend(properties.iter().map(|it| cell(object.and_then(|all| all.get(*it)))));
                } else {
                    cells.push(cell(row.get(at).and_then(Option::as_ref)));
                }
            }
            table.add_row(cells);
        }
    }
}

impl Sink for TableRows {
    fn header(&mut self, header: &Header) -> io::Result<()> {
        self.header = Some(header.clone());
        Ok(())
    }

    fn row(&mut self, row: Row) -> io::Result<()> {
        self.rows.push(row.parsed());
        Ok(())
    }
}

fn object(value: Option<&Option<Value>>) -> Option<&Map<String, Value>> {
    value.and_then(Option::as_ref).and_then(Value::as_object)
}

fn in_short(value: Option<&Option<Value>>) -> Vec<String> {
    let object = object(value);
    IN_SHORT.iter().map(|it| cell(object.and_then(|all| all.get(*it)))).collect()
}

/// What is not known is nothing, what is known to have no value is `null`.
fn cell(value: Option<&Value>) -> String {
    match value {
        None => String::new(),
        Some(Value::String(text)) => Safe(text).to_string(),
        Some(other) => Safe(&other.to_string()).to_string(),
    }
}

#[cfg(test)]
mod tests {
    use orgraph_query::j1ql::Column;
    use serde_json::json;

    use super::*;

    fn table(shape: Shape, columns: &[(&str, ColumnKind)], rows: Vec<Vec<Option<Value>>>) -> String {
        let columns = columns.iter().map(|(name, kind)| Column { name: (*name).to_owned(), kind: *kind });
        let header = Some(Header { columns: columns.collect(), shape });
        let table = TableRows { header, rows }.table().to_string();
        table.lines().map(str::trim).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn escapes_in_a_name_do_not_reach_the_terminal() {
        let entity = json!({"_key": "i-1", "_type": "aws_instance", "displayName": "\u{1b}[31mred\n"});

        let table = table(Shape::Entities, &[("i", ColumnKind::Entity)], vec![vec![Some(entity)]]);

        assert!(table.contains("aws_instance  \\u{1b}[31mred\\u{a}"), "{table}");
    }

    #[test]
    fn all_properties_are_a_column_each() {
        let columns = [("x", ColumnKind::Value), ("i.*", ColumnKind::All)];
        let rows =
            vec![vec![Some(json!(null)), Some(json!({"a": 1}))], vec![None, Some(json!({"b": [true]}))]];

        let table = table(Shape::Rows, &columns, rows);

        assert_eq!(table, "x     i.a  i.b\nnull  1\n[true]");
    }
}
