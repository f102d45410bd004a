//! The only place where SQL text is put together: of fragments that are constants of this program, of numbers, and of
//! placeholders. No word of a question can get in, because nothing here takes text that is not constant.

use std::fmt::Write;

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::Bind;

/// A statement in the making.
#[derive(Debug, Default)]
pub(super) struct Sql {
    text: String,
    binds: Vec<Bind>,
}

impl Sql {
    /// A constant fragment.
    pub(super) fn put(&mut self, fragment: &'static str) -> &mut Self {
        self.text.push_str(fragment);
        self
    }

    /// A constant fragment with a number behind it, such as `n3`.
    pub(super) fn numbered(&mut self, prefix: &'static str, number: usize) -> &mut Self {
        let _ = write!(self.text, "{prefix}{number}");
        self
    }

    pub(super) fn text(&mut self, value: &str) -> &mut Self {
        self.bind(Bind::Text(value.to_owned())).put("::text")
    }

    pub(super) fn texts(&mut self, values: Vec<String>) -> &mut Self {
        self.bind(Bind::Texts(values)).put("::text[]")
    }

    pub(super) fn json(&mut self, value: Value) -> &mut Self {
        self.bind(Bind::Json(value)).put("::jsonb")
    }

    pub(super) fn whole(&mut self, value: i64) -> &mut Self {
        self.bind(Bind::Whole(value)).put("::bigint")
    }

    pub(super) fn time(&mut self, value: DateTime<Utc>) -> &mut Self {
        self.bind(Bind::Time(value)).put("::timestamptz")
    }

    pub(super) fn kinds(&mut self, value: Vec<i16>) -> &mut Self {
        self.bind(Bind::Kinds(value)).put("::smallint[]")
    }

    fn bind(&mut self, bind: Bind) -> &mut Self {
        self.binds.push(bind);
        let number = self.binds.len();
        self.numbered("$", number)
    }

    /// How many values there are.
    pub(super) fn bind_count(&self) -> usize {
        self.binds.len()
    }

    pub(super) fn finish(self) -> (String, Vec<Bind>) {
        (self.text, self.binds)
    }
}
