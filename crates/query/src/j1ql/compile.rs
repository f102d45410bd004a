//! What a question becomes: a statement with its values, and what its answer will look like.

mod condition;
mod expression;
mod field;
mod names;
mod plan;
mod reach;
mod select;
mod sql;
mod time;
mod vocabulary;
mod way;

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::AssertSqlSafe;
use sqlx::postgres::{PgArguments, Postgres};
use sqlx::query::Query as Statement;
use sqlx::types::Json;

use self::expression::Leaf;
use self::field::{Field, Owner};
use self::names::{Binding, Names};
use self::plan::Plan;
use self::sql::Sql;
use self::vocabulary::VerbSet;
use super::ast::{Comparison, Condition, List, Literal, Operand, Operator, Property, Query};
use super::diagnose::Diagnostic;
use super::kinds::Kinds;
use super::parse::parse;
use super::words::Words;

/// How many rows JupiterOne returns when a question does not say how many.
pub const USUAL_LIMIT: u64 = 250;

/// What a session that runs compiled questions sets first. Identities are hashes, so that two tables in the order of their
/// identities have nothing near each other: merging them reads everything, and the planner takes it for cheap. What is
/// looked up for many rows is kept in a table of hashes, for which the usual 4 MB are too few. A hop is two tables: where
/// to begin has to be found among those of five hops at least, and not by chance. A statement that is asked again is parsed
/// once, but planned each time, because a plan made for other values may be a bad one.
pub const SESSION: &str = "SET enable_mergejoin = off; SET jit = off; SET work_mem = '64MB'; \
    SET from_collapse_limit = 12; SET join_collapse_limit = 12; SET geqo = off; \
    SET plan_cache_mode = force_custom_plan";

/// How many values a statement may have; PostgreSQL takes twice as many.
const MOST_VALUES: usize = 30_000;

/// Makes a statement of a question.
///
/// # Errors
/// What is wrong with it and where, when it is not a question or asks for something that is not there.
pub fn compile(text: &str, words: &Words, options: &Options) -> Result<Compiled, Diagnostic> {
    let query = parse(text)?;
    let names = Names::of(&query, text)?;
    let plan = plan::plan(&query, text)?;
    let compiler = Compiler {
        text,
        words,
        options,
        plan: &plan,
        names: &names,
        looked_up: BTreeSet::new(),
        sql: Sql::default(),
        types: Vec::new(),
        verbs: HashMap::new(),
        leaves: Vec::new(),
        warnings: Vec::new(),
        remarked: BTreeSet::new(),
        numbers: 0,
    };
    compiler.compiled(&query)
}

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
    source: Source,
}

/// What was compiled.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Source {
    text: String,
    words: Words,
    options: Options,
}

impl Compiled {
    /// The statement with its values.
    pub fn statement(&self) -> Statement<'_, Postgres, PgArguments> {
        bound(self.sql.clone(), &self.binds)
    }

    /// The same question for a database that stores these kinds of relationship and no others. It has the same answer
    /// there, and sooner: what cannot be followed is not looked at, and the database knows how much there is of the rest.
    ///
    /// # Errors
    /// None that compiling did not have.
    pub fn for_kinds(&self, kinds: Kinds) -> Result<Self, Diagnostic> {
        let Source { text, words, options } = &self.source;
        compile(text, &words.clone().with_kinds(kinds), options)
    }
}

/// A statement with its values. Its text is put together here, or belongs to who asks and runs in a cage.
pub(crate) fn bound(sql: String, binds: &[Bind]) -> Statement<'_, Postgres, PgArguments> {
    let statement = sqlx::query(AssertSqlSafe(sql));
    binds.iter().fold(statement, |statement, bind| match bind {
        Bind::Text(value) => statement.bind(value),
        Bind::Texts(value) => statement.bind(value),
        Bind::Json(value) => statement.bind(Json(value)),
        Bind::Whole(value) => statement.bind(value),
        Bind::Time(value) => statement.bind(value),
        Bind::Kinds(value) => statement.bind(value),
    })
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
    /// `smallint[]`: numbers of kinds of relationship.
    Kinds(Vec<i16>),
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

/// A question being compiled.
struct Compiler<'q> {
    text: &'q str,
    words: &'q Words,
    options: &'q Options,
    plan: &'q Plan<'q>,
    names: &'q Names,
    /// Entities by number that are asked for nothing but to be there and of a type.
    looked_up: BTreeSet<usize>,
    sql: Sql,
    /// The types that each selector may have, by its number; `None` for all.
    types: Vec<Option<Vec<String>>>,
    /// The relationships that each hop may follow, by its number; `None` for all.
    verbs: HashMap<usize, Option<VerbSet>>,
    /// What the columns need from the ways.
    leaves: Vec<Leaf>,
    warnings: Vec<Diagnostic>,
    /// Properties that were remarked on.
    remarked: BTreeSet<String>,
    /// How many `n…` and `s…` are taken.
    numbers: usize,
}

/// Where the names of a question are within one way through the graph.
#[derive(Debug, Clone, Default)]
struct Place {
    /// The entity that the way begins with.
    start: usize,
    /// Whether it is looked up at the near end of the first relationship.
    looks_up_start: bool,
    /// Entities by number, as `n…`.
    entities: HashMap<usize, usize>,
    /// Relationships by number, as `s…`.
    relationships: HashMap<usize, usize>,
    /// Arrivals of optional parts by number, as `n…`.
    arrivals: HashMap<usize, usize>,
    /// Entities by number that are known to be there and not named, so that there is no `n…` of them.
    spared: BTreeSet<usize>,
}

impl Place {
    fn owner(&self, binding: Binding) -> Owner {
        let (found, owner): (_, fn(usize) -> Owner) = match binding {
            Binding::Entity(number) => (self.entities.get(&number), Owner::Entity),
            Binding::Relationship(number) => (self.relationships.get(&number), Owner::Relationship),
            Binding::Arrival(number) => (self.arrivals.get(&number), Owner::Entity),
        };
        found.map_or(Owner::Nobody, |it| owner(*it))
    }
}

impl Compiler<'_> {
    fn compiled(mut self, query: &Query) -> Result<Compiled, Diagnostic> {
        self.look_up_words()?;
        self.looked_up = self.unconditional();
        let (shape, columns, limit) = self.select(query)?;
        if self.sql.bind_count() > MOST_VALUES {
            return Err(Diagnostic::at(self.text, query.start.span.0, "the question is too large"));
        }
        let touches = self.touches();
        let (sql, binds) = self.sql.finish();
        let source =
            Source { text: self.text.to_owned(), words: self.words.clone(), options: self.options.clone() };
        let warnings = self.warnings;
        Ok(Compiled { sql, binds, columns, shape, limit, touches, warnings, source })
    }

    /// The next free number for `n…` or `s…`.
    fn fresh(&mut self) -> usize {
        self.numbers += 1;
        self.numbers
    }

    /// What a property's name means for whom it belongs to.
    fn field(&mut self, binding: Binding, property: &Property) -> Result<Field, Diagnostic> {
        let name = &property.name;
        let field = match binding {
            Binding::Relationship(_) => Field::of_relationship(&name.node),
            Binding::Entity(_) | Binding::Arrival(_) => Field::of_entity(&name.node),
        };
        let Some(field) = field else {
            let message =
                format!("`{}` is not supported: the graph keeps versions without counting them", name.node);
            return Err(
                Diagnostic::at(self.text, name.span, message).expecting(&["`_createdOn`", "`_beginOn`"])
            );
        };
        let is_of_entity = !matches!(binding, Binding::Relationship(_));
        if let Field::Property(property) = &field
            && is_of_entity
            && !self.words.knows_property(property)
            && self.remarked.insert(property.clone())
        {
            let near = self.words.near_property(property);
            let message = format!("no entity is known to have a property `{property}`");
            self.warnings.push(Diagnostic::at(self.text, name.span, message).suggesting(near));
        }
        Ok(field)
    }

    fn touches(&self) -> Touches {
        let types: Option<BTreeSet<&String>> =
            self.types.iter().try_fold(BTreeSet::new(), |mut all, types| {
                all.extend(types.as_ref()?);
                Some(all)
            });
        let accounts = self.plan.start.filter.as_ref().and_then(accounts);
        Touches {
            types: types.map(|it| it.into_iter().cloned().collect()),
            accounts: accounts.map(|it| it.into_iter().collect()),
        }
    }
}

/// The accounts that a condition keeps to; `None` when it does not.
fn accounts(condition: &Condition) -> Option<BTreeSet<String>> {
    match condition {
        Condition::And(parts) => parts.iter().find_map(accounts),
        Condition::Or(parts) => parts.iter().map(accounts).try_fold(BTreeSet::new(), |mut all, some| {
            all.append(&mut some?);
            Some(all)
        }),
        Condition::Compare(Comparison { property, operator, operand }) => {
            let is_account = property.name.node == "accountId" && operator.node == Operator::Equal;
            match operand {
                Operand::Value(value) if is_account => account(&value.node),
                Operand::List(List::Or(parts)) if is_account => {
                    parts.iter().map(listed_account).collect::<Option<BTreeSet<_>>>()
                }
                _ => None,
            }
        }
    }
}

fn account(literal: &Literal) -> Option<BTreeSet<String>> {
    match literal {
        Literal::Text(text) => Some(BTreeSet::from([text.clone()])),
        _ => None,
    }
}

fn listed_account(list: &List) -> Option<String> {
    match list {
        List::Value(value) => account(&value.node)?.pop_first(),
        _ => None,
    }
}
