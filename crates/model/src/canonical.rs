//! The bytes that stand for a value: the same for equal values, never the same for others, and readable again. They
//! are what is hashed, and what is set aside when rows are too many for memory.
//!
//! Texts and lists carry their length first, so that no two sequences run into the same bytes. Members of objects are
//! in the order of their names, whatever order the map keeps.

use std::io::Write;

use serde_json::{Number, Value};

use crate::Properties;

const NULL: u8 = 0;
const BOOLEAN: u8 = 1;
const NUMBER: u8 = 2;
const STRING: u8 = 3;
const ARRAY: u8 = 4;
const OBJECT: u8 = 5;

/// Appends a text.
pub fn text(bytes: &mut Vec<u8>, value: &str) {
    length(bytes, value.len());
    bytes.extend_from_slice(value.as_bytes());
}

/// Appends a text, or that there is none.
pub fn optional(bytes: &mut Vec<u8>, value: Option<&str>) {
    match value {
        None => bytes.push(0),
        Some(value) => {
            bytes.push(1);
            text(bytes, value);
        }
    }
}

/// Appends the members of an object.
pub fn object(bytes: &mut Vec<u8>, members: &Properties) {
    object_without(bytes, members, &[]);
}

/// Appends the members of an object, except those named.
pub(crate) fn object_without(bytes: &mut Vec<u8>, members: &Properties, except: &[&str]) {
    let is_left = |name: &str| except.is_empty() || !except.contains(&name);
    let left = || members.iter().filter(|(name, _)| is_left(name));
    let begin = bytes.len();
    length(bytes, if except.is_empty() { members.len() } else { left().count() });
    let mut last = "";
    for (name, member) in left() {
        if name.as_str() < last {
            // The map keeps another order, which some feature of the JSON crate makes it do.
            bytes.truncate(begin);
            return sorted_object(bytes, left().collect());
        }
        text(bytes, name);
        value(bytes, member);
        last = name;
    }
}

fn sorted_object(bytes: &mut Vec<u8>, mut members: Vec<(&String, &Value)>) {
    members.sort_unstable_by_key(|(name, _)| *name);
    length(bytes, members.len());
    for (name, member) in members {
        text(bytes, name);
        value(bytes, member);
    }
}

/// Appends any value.
pub fn value(bytes: &mut Vec<u8>, it: &Value) {
    match it {
        Value::Null => bytes.push(NULL),
        Value::Bool(it) => bytes.extend_from_slice(&[BOOLEAN, u8::from(*it)]),
        Value::Number(it) => {
            bytes.push(NUMBER);
            number(bytes, it);
        }
        Value::String(it) => {
            bytes.push(STRING);
            text(bytes, it);
        }
        Value::Array(elements) => {
            bytes.push(ARRAY);
            length(bytes, elements.len());
            for element in elements {
                value(bytes, element);
            }
        }
        Value::Object(members) => {
            bytes.push(OBJECT);
            object(bytes, members);
        }
    }
}

fn length(bytes: &mut Vec<u8>, length: usize) {
    bytes.extend_from_slice(&(length as u64).to_le_bytes());
}

/// The decimal text of the number: every float has exactly one shortest text that gives it back.
fn number(bytes: &mut Vec<u8>, it: &Number) {
    let at = bytes.len();
    length(bytes, 0);
    let begin = bytes.len();
    // Writing into memory does not fail.
    let _ = write!(bytes, "{it}");
    let written = ((bytes.len() - begin) as u64).to_le_bytes();
    bytes[at..begin].copy_from_slice(&written);
}

/// The bytes are not those that a value was written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the bytes are not those of a value")]
pub struct Malformed;

/// Reads back what was written, in the same order.
#[derive(Debug, Clone)]
pub struct Reader<'a> {
    bytes: &'a [u8],
}

impl<'a> Reader<'a> {
    /// Reads from the beginning of `bytes`.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    /// One byte.
    pub fn byte(&mut self) -> Result<u8, Malformed> {
        let (first, rest) = self.bytes.split_first().ok_or(Malformed)?;
        self.bytes = rest;
        Ok(*first)
    }

    /// A text.
    pub fn text(&mut self) -> Result<&'a str, Malformed> {
        let length = self.length()?;
        let text = self.take(length)?;
        std::str::from_utf8(text).map_err(|_| Malformed)
    }

    /// A text, if there is one.
    pub fn optional(&mut self) -> Result<Option<&'a str>, Malformed> {
        match self.byte()? {
            0 => Ok(None),
            1 => self.text().map(Some),
            _ => Err(Malformed),
        }
    }

    /// The members of an object.
    pub fn object(&mut self) -> Result<Properties, Malformed> {
        let mut members = Properties::new();
        for _ in 0..self.length()? {
            let name = self.text()?.to_owned();
            members.insert(name, self.value()?);
        }
        Ok(members)
    }

    /// Any value.
    pub fn value(&mut self) -> Result<Value, Malformed> {
        Ok(match self.byte()? {
            NULL => Value::Null,
            BOOLEAN => Value::Bool(self.byte()? != 0),
            NUMBER => Value::Number(parsed(self.text()?).ok_or(Malformed)?),
            STRING => Value::String(self.text()?.to_owned()),
            ARRAY => {
                let length = self.length()?;
                Value::Array((0..length).map(|_| self.value()).collect::<Result<_, _>>()?)
            }
            OBJECT => Value::Object(self.object()?),
            _ => return Err(Malformed),
        })
    }

    /// `length` bytes as they are.
    pub fn take(&mut self, length: usize) -> Result<&'a [u8], Malformed> {
        let (taken, rest) = self.bytes.split_at_checked(length).ok_or(Malformed)?;
        self.bytes = rest;
        Ok(taken)
    }

    /// Whether everything was read.
    pub fn is_at_end(&self) -> bool {
        self.bytes.is_empty()
    }

    fn length(&mut self) -> Result<usize, Malformed> {
        let bytes = self.take(8)?.try_into().map_err(|_| Malformed)?;
        usize::try_from(u64::from_le_bytes(bytes)).map_err(|_| Malformed)
    }
}

fn parsed(text: &str) -> Option<Number> {
    if text.contains(['.', 'e', 'E']) {
        return Number::from_f64(text.parse().ok()?);
    }
    let unsigned = text.parse::<u64>().ok().map(Number::from);
    unsigned.or_else(|| text.parse::<i64>().ok().map(Number::from))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_value_is_read_back_as_it_was() {
        let values = [
            json!(null),
            json!(true),
            json!([false, 0, -1, i64::MIN, u64::MAX, 0.1, 1.0, -2.5e-300, 0.300_000_000_000_000_04]),
            json!(["", "a\0b", "\u{1f600}\t\\", {"b": {"x": []}, "a": {}}]),
        ];
        for value in values {
            let mut bytes = Vec::new();
            super::value(&mut bytes, &value);

            let mut reader = Reader::new(&bytes);

            assert_eq!(reader.value().unwrap(), value);
            assert!(reader.is_at_end());
        }
    }

    #[test]
    fn bytes_that_were_cut_off_or_changed_are_refused() {
        let mut bytes = Vec::new();
        value(&mut bytes, &json!({"a": [1, "two", null], "b": 1.5}));
        for end in 0..bytes.len() {
            assert_eq!(Reader::new(&bytes[..end]).value(), Err(Malformed), "{end}");
        }

        bytes[0] = 9;

        assert_eq!(Reader::new(&bytes).value(), Err(Malformed));
    }
}
