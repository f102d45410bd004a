//! Comma-separated values: a header, then a line per row.

use std::io::{self, Write};

use serde_json::Value;

use crate::j1ql::Shape;
use crate::{Header, Row, Sink};

/// Writes CSV. Text is written as it is, null as nothing, lists and objects as JSON.
pub struct CsvRows<W: Write> {
    out: csv::Writer<W>,
    shape: Shape,
}

impl<W: Write> CsvRows<W> {
    /// Writes to `out`, row by row.
    pub fn new(out: W) -> Self {
        Self { out: csv::Writer::from_writer(out), shape: Shape::Rows }
    }

    /// Writes what is left.
    pub fn end(mut self) -> io::Result<()> {
        self.out.flush()
    }
}

impl<W: Write> Sink for CsvRows<W> {
    fn header(&mut self, header: &Header) -> io::Result<()> {
        self.shape = header.shape;
        match header.shape {
            Shape::Rows => Ok(self.out.write_record(header.columns.iter().map(|it| it.name.as_str()))?),
            Shape::Entities => Ok(self.out.write_record(IN_SHORT)?),
            Shape::Tree => Ok(self.out.write_record(std::iter::once("kind").chain(IN_SHORT))?),
        }
    }

    fn row(&mut self, row: Row) -> io::Result<()> {
        let mut values = row.parsed();
        match (self.shape, values.as_mut_slice()) {
            (Shape::Entities, [object]) => Ok(self.out.write_record(in_short(object.take()))?),
            (Shape::Tree, [kind, object]) => {
                let kind = cell(kind.take().unwrap_or_default());
                Ok(self.out.write_record(std::iter::once(kind).chain(in_short(object.take())))?)
            }
            _ => {
                let cells = values.into_iter().zip(&row.values).map(|(value, written)| match value {
                    // As it is written, with all its digits.
                    Some(Value::Number(_)) => {
                        written.as_ref().map_or_else(String::new, |it| it.get().to_owned())
                    }
                    value => cell(value.unwrap_or_default()),
                });
                Ok(self.out.write_record(cells)?)
            }
        }
    }
}

/// The columns for an entity or a relationship, whose properties differ from row to row.
const IN_SHORT: [&str; 5] = ["_type", "_key", "displayName", "accountId", "region"];

fn in_short(object: Option<Value>) -> Vec<String> {
    let object = object.unwrap_or_default();
    IN_SHORT.iter().map(|it| cell(object.get(it).cloned().unwrap_or_default())).collect()
}

fn cell(value: Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text,
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::sample;

    #[test]
    fn cells_come_back_as_they_were() {
        let mut out = Vec::new();
        let mut rows = CsvRows::new(&mut out);
        rows.header(&sample::header(&["a,b", "c"])).unwrap();

        rows.row(Row::of_object(r#"{"a":"x \"y\",\nz","c":null}"#).unwrap()).unwrap();
        rows.row(Row::of_object(r#"{"a":[1,"é"],"c":12345678901234567890123}"#).unwrap()).unwrap();
        rows.end().unwrap();

        let mut reader = csv::Reader::from_reader(out.as_slice());
        assert_eq!(reader.headers().unwrap(), vec!["a,b", "c"]);
        let records: Vec<Vec<String>> =
            reader.records().map(|it| it.unwrap().iter().map(str::to_owned).collect()).collect();
        assert_eq!(records, [["x \"y\",\nz", ""], ["[1,\"é\"]", "12345678901234567890123"]]);
    }
}
