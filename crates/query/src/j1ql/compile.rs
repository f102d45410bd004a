//! What a question becomes: a statement with its values, and what its answer will look like.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::AssertSqlSafe;
use sqlx::postgres::{PgArguments, Postgres};
use sqlx::query::Query as Statement;
use sqlx::types::Json;

use super::diagnose::Diagnostic;

/// How many rows JupiterOne returns when a question does not say how many.
pub const USUAL_LIMIT: u64 = 250;

/// What a question means depends on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// What `date.now` is.
    pub now: DateTime<Utc>,
    /// The time as of which to answer; `None` for the live graph.
    pub as_of: Option<DateTime<Utc>>,
    /// How many rows at most when the question has no `LIMIT`; `None` for all. Figures over all rows are over all of
    /// them in any case.
    pub default_limit: Option<u64>,
}

impl Options {
    /// The live graph at `now`, limited as JupiterOne does.
    pub fn at(now: DateTime<Utc>) -> Self {
        Self { now, as_of: None, default_limit: Some(USUAL_LIMIT) }
    }
}

/// A question, ready to be run as `orgraph_reader`.
///
/// Every column is `jsonb`: SQL `NULL` is a property that is not there, JSON `null` one that is known to have no value.
#[derive(Debug, Clone, PartialEq)]
pub struct Compiled {
    /// The statement; it reads schema `orgraph` and nothing else, and contains no word of the question.
    pub sql: String,
    /// The values for `$1`, `$2`, …
    pub binds: Vec<Bind>,
    /// What is in the columns, in their order.
    pub columns: Vec<Column>,
    /// What the rows are.
    pub shape: Shape,
    /// How many rows come at most.
    pub limit: Option<Limit>,
    /// What the answer rests on.
    pub touches: Touches,
    /// Remarks that do not prevent an answer, such as unknown properties.
    pub warnings: Vec<Diagnostic>,
}

impl Compiled {
    /// The statement with its values.
    pub fn statement(&self) -> Statement<'_, Postgres, PgArguments> {
        let statement = sqlx::query(AssertSqlSafe(self.sql.as_str()));
        self.binds.iter().fold(statement, |statement, bind| match bind {
            Bind::Text(value) => statement.bind(value),
            Bind::Texts(value) => statement.bind(value),
            Bind::Json(value) => statement.bind(Json(value)),
            Bind::Whole(value) => statement.bind(value),
            Bind::Time(value) => statement.bind(value),
        })
    }
}

/// A value of a statement.
#[derive(Debug, Clone, PartialEq)]
pub enum Bind {
    /// `text`
    Text(String),
    /// `text[]`
    Texts(Vec<String>),
    /// `jsonb`
    Json(Value),
    /// `bigint`
    Whole(i64),
    /// `timestamptz`
    Time(DateTime<Utc>),
}

/// A column of the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name: the one given with `AS`, or what was written.
    pub name: String,
    /// What is in it.
    pub kind: ColumnKind,
}

/// What is in a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ColumnKind {
    /// A value.
    Value,
    /// A whole entity: one flat object with `_key`, `_type`, `_class`, `displayName`, …, each property, and each tag as
    /// `tag.<key>`.
    Entity,
    /// A whole relationship: one flat object with `_key`, `_type`, `_class`, `_fromEntityKey`, `_toEntityKey`, … and each
    /// property.
    Relationship,
    /// `alias.*`: an object like one of the two above, to be shown as one column per property, called `alias.property`.
    All,
}

/// What the rows of an answer are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Shape {
    /// Entities, each once, in one column.
    Entities,
    /// A table with the columns that were asked for.
    Rows,
    /// A graph: each row is one entity or relationship, each once. The first column is the text `entity` or
    /// `relationship`, the second the object.
    Tree,
}

/// How many rows come at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// How many. Of a tree, how many ways through the graph it is made of.
    pub rows: u64,
    /// Whether the question says so; otherwise it is the default, and there may be more.
    pub is_given: bool,
}

/// What an answer rests on, for telling how complete it can be.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Touches {
    /// The types it looks at, sorted; `None` for all.
    pub types: Option<Vec<String>>,
    /// The accounts its first entities are in, sorted; `None` for all.
    pub accounts: Option<Vec<String>>,
}
