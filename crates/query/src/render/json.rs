//! One JSON object around all rows.

use std::io::{self, Write};

use serde::Serialize;

use super::Object;
use crate::{Ended, Footer, Header, Row, Sink};

/// Writes `{"columns": …, "rows": […], "capped": …, "warnings": …, "coverage": …}`, row by row.
#[derive(Debug)]
pub struct JsonRows<W> {
    out: W,
    header: Option<Header>,
    has_rows: bool,
}

/// What follows the rows.
#[derive(Serialize)]
struct Tail<'a> {
    capped: bool,
    warnings: &'a [String],
    coverage: &'a Footer,
}

impl<W: Write> JsonRows<W> {
    /// Nothing is written before the columns are known.
    pub fn new(out: W) -> Self {
        Self { out, header: None, has_rows: false }
    }

    /// Closes the object.
    pub fn end(mut self, ended: Ended, warnings: &[String], coverage: &Footer) -> io::Result<()> {
        let tail = serde_json::to_string(&Tail { capped: ended.capped, warnings, coverage })?;
        let members = tail.strip_prefix('{').unwrap_or(&tail);
        writeln!(self.out, "{}],{members}", if self.has_rows { "\n" } else { "" })?;
        self.out.flush()
    }
}

impl<W: Write> Sink for JsonRows<W> {
    fn header(&mut self, header: &Header) -> io::Result<()> {
        let columns: Vec<&str> = header.columns.iter().map(|it| it.name.as_str()).collect();
        self.header = Some(header.clone());
        write!(self.out, "{{\"columns\":{},\"rows\":[", serde_json::to_string(&columns)?)
    }

    fn row(&mut self, row: Row) -> io::Result<()> {
        self.out.write_all(if self.has_rows { b",\n" } else { b"\n" })?;
        self.has_rows = true;
        let Some(header) = &self.header else { return Ok(()) };
        Ok(serde_json::to_writer(&mut self.out, &Object { header, row: &row })?)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::render::sample;

    fn written(rows: &[&str]) -> Value {
        let mut out = Vec::new();
        let mut json = JsonRows::new(&mut out);
        json.header(&sample::header(&["a \"b\"", "c"])).unwrap();
        for row in rows {
            json.row(Row::of_object(row).unwrap()).unwrap();
        }
        json.end(Ended { rows: 0, capped: true }, &["w".to_owned()], &Footer::default()).unwrap();
        serde_json::from_slice(&out).unwrap()
    }

    #[test]
    fn rows_are_objects_in_one_object() {
        let rows = [r#"{"x":"é\u0000","y":{"z":[1]}}"#, r#"{"x":null,"y":1e3}"#];

        let answer = written(&rows);
        assert_eq!(
            answer["rows"],
            json!([{"a \"b\"": "é\u{0}", "c": {"z": [1]}}, {"a \"b\"": null, "c": 1000.0}])
        );
        assert_eq!(answer["columns"], json!(["a \"b\"", "c"]));
        assert_eq!((&answer["capped"], &answer["warnings"]), (&json!(true), &json!(["w"])));
        assert_eq!(answer["coverage"]["partitions"], 0);
    }

    #[test]
    fn an_answer_without_rows_is_whole_json() {
        assert_eq!(written(&[])["rows"], json!([]));
    }
}
