//! One JSON object per line and row, and nothing else.

use std::io::{self, Write};

use super::Object;
use crate::{Header, Row, Sink};

/// Writes one object per line.
#[derive(Debug)]
pub struct JsonLines<W> {
    out: W,
    header: Option<Header>,
}

impl<W: Write> JsonLines<W> {
    /// Writes to `out`, line by line.
    pub fn new(out: W) -> Self {
        Self { out, header: None }
    }

    /// Writes what is left.
    pub fn end(mut self) -> io::Result<()> {
        self.out.flush()
    }
}

impl<W: Write> Sink for JsonLines<W> {
    fn header(&mut self, header: &Header) -> io::Result<()> {
        self.header = Some(header.clone());
        Ok(())
    }

    fn row(&mut self, row: Row) -> io::Result<()> {
        let Some(header) = &self.header else { return Ok(()) };
        let line = serde_json::to_string(&Object { header, row: &row })?;
        // Text in JSON has no line breaks of its own, so these stand between values.
        writeln!(self.out, "{}", line.replace(['\n', '\r'], " "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::sample;

    #[test]
    fn a_value_with_line_breaks_stays_on_its_line() {
        let mut out = Vec::new();
        let mut lines = JsonLines::new(&mut out);
        lines.header(&sample::header(&["a"])).unwrap();

        lines.row(Row::of_object("{\"a\":{\"b\":\n[1,\n2]}}").unwrap()).unwrap();
        lines.row(Row::of_object(r#"{"a":"x\ny"}"#).unwrap()).unwrap();
        lines.end().unwrap();

        let text = String::from_utf8(out).unwrap();
        let parsed: Vec<serde_json::Value> =
            text.lines().map(|it| serde_json::from_str(it).unwrap()).collect();
        assert_eq!(parsed, [serde_json::json!({"a": {"b": [1, 2]}}), serde_json::json!({"a": "x\ny"})]);
    }
}
