//! An answer, row by row: what comes from the database, and who takes it.

use std::fmt;
use std::io;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::j1ql::{Column, Shape};

/// What the rows of an answer look like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// The columns; two may have the same name.
    pub columns: Vec<Column>,
    /// What a row is.
    pub shape: Shape,
}

/// One row: a JSON value per column, as PostgreSQL wrote it, so that no number loses digits on its way.
#[derive(Debug, Clone)]
pub struct Row {
    /// In the order of the columns; `None` for a property that is not there, which is not the same as `null`.
    pub values: Vec<Option<Box<RawValue>>>,
}

/// Who takes an answer. Nothing is kept between two calls, so an answer may be larger than memory.
pub trait Sink {
    /// Called once, before the first row.
    fn header(&mut self, header: &Header) -> io::Result<()>;

    /// Called for every row.
    fn row(&mut self, row: Row) -> io::Result<()>;
}

/// How an answer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ended {
    /// Rows that were given.
    pub rows: u64,
    /// Whether there are more than were asked for.
    pub capped: bool,
}

impl Row {
    /// The values, understood; `None` for what is not there.
    pub fn parsed(&self) -> Vec<Option<Value>> {
        let parse = |it: &RawValue| serde_json::from_str(it.get());
        // A number beyond what a float holds stays the text it is.
        let value = |it: &RawValue| parse(it).unwrap_or_else(|_| Value::String(it.get().to_owned()));
        self.values.iter().map(|it| it.as_deref().map(value)).collect()
    }

    /// How many bytes its values take.
    pub fn bytes(&self) -> usize {
        self.values.iter().flatten().map(|it| it.get().len()).sum()
    }

    /// From an object, whose members are the columns in their order.
    pub(crate) fn of_object(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }
}

impl<'de> Deserialize<'de> for Row {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Values)
    }
}

struct Values;

impl<'de> Visitor<'de> for Values {
    type Value = Row;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Row, A::Error> {
        let mut values = Vec::new();
        while map.next_key::<IgnoredAny>()?.is_some() {
            // Not as an option, which would take null for nothing.
            values.push(Some(map.next_value::<Box<RawValue>>()?));
        }
        Ok(Row { values })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_keeps_order_doubles_and_digits() {
        let row = Row::of_object(r#"{"b":1,"a":12345678901234567890.123,"b":null}"#).unwrap();

        let values: Vec<&str> = row.values.iter().flatten().map(|it| it.get()).collect();
        assert_eq!(values, ["1", "12345678901234567890.123", "null"]);
    }

    #[test]
    fn a_number_beyond_floats_stays_text() {
        let row = Row::of_object(&format!("{{\"a\":1{}}}", "0".repeat(400))).unwrap();

        let value = row.parsed()[0].clone().unwrap();
        assert!(value.as_str().unwrap().starts_with("1000"));
    }
}
