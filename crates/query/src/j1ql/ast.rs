//! A question as a tree: what was written, with where it was written, and nothing about what it means for the graph.
//!
//! Two trees are equal when they say the same, wherever in the text they say it. `Display` prints a tree as text that
//! parses into an equal tree.

use chrono::{DateTime, Utc};

/// Where something stands in the text, in bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// The first byte after it.
    pub end: usize,
}

impl Span {
    /// The stretch from the beginning of this to the end of another.
    pub fn to(self, end: Self) -> Self {
        Self { start: self.start, end: end.end.max(self.start) }
    }
}

/// Where a part of a tree stands. It does not count when two are compared.
#[derive(Debug, Clone, Copy, Default)]
pub struct Place(pub Span);

impl PartialEq for Place {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// Something with its place. The place does not count when two are compared.
#[derive(Debug, Clone)]
pub struct Spanned<T> {
    /// What stands there.
    pub node: T,
    /// Where.
    pub span: Span,
}

impl<T> Spanned<T> {
    /// Something at a place.
    pub fn new(node: T, span: Span) -> Self {
        Self { node, span }
    }
}

impl<T: PartialEq> PartialEq for Spanned<T> {
    fn eq(&self, other: &Self) -> bool {
        self.node == other.node
    }
}

impl<T> From<T> for Spanned<T> {
    fn from(node: T) -> Self {
        Self { node, span: Span::default() }
    }
}

/// A whole question.
#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    /// `FIND UNIQUE`: no row twice.
    pub unique: bool,
    /// What to begin with.
    pub start: Selector,
    /// Where to go from there.
    pub steps: Vec<Traversal>,
    /// `WHERE`.
    pub filter: Option<Condition>,
    /// `RETURN`; without it the entities of `start` are returned.
    pub returns: Option<Return>,
    /// `ORDER BY`.
    pub order: Vec<Order>,
    /// `SKIP`.
    pub skip: Option<Spanned<u64>>,
    /// `LIMIT`.
    pub limit: Option<Spanned<u64>>,
}

/// Entities: which, with what, and how they are called from here on.
#[derive(Debug, Clone, PartialEq)]
pub struct Selector {
    /// Which entities.
    pub pattern: Pattern,
    /// `#Production`: tags that have to be true.
    pub marks: Vec<Spanned<String>>,
    /// `WITH`.
    pub filter: Option<Condition>,
    /// `AS`.
    pub alias: Option<Spanned<String>>,
    /// Where the pattern stands.
    pub span: Place,
}

/// Which entities.
#[derive(Debug, Clone, PartialEq)]
pub enum Pattern {
    /// `*`.
    Any,
    /// Classes and types, one or several.
    Names(Vec<Spanned<String>>),
    /// Those with a value that contains this text.
    Text(Spanned<String>),
}

/// One part of the way.
#[derive(Debug, Clone, PartialEq)]
pub enum Traversal {
    /// `THAT …`.
    Hop(Box<Hop>),
    /// `( THAT … )?`: what follows goes on from both before and after it.
    Optional(Optional),
}

/// A part of the way that may be left out.
#[derive(Debug, Clone, PartialEq)]
pub struct Optional {
    /// What stands in the parentheses; never empty.
    pub steps: Vec<Traversal>,
    /// The name of where the way arrives, gone or not.
    pub alias: Option<Spanned<String>>,
    /// The parentheses.
    pub span: Place,
}

/// One relationship, and the entity at its other end.
#[derive(Debug, Clone, PartialEq)]
pub struct Hop {
    /// `THAT !VERB`: there is no such relationship.
    pub negated: bool,
    /// Which relationships.
    pub verbs: Verbs,
    /// `>>` or `<<`.
    pub direction: Direction,
    /// `AS` of the relationship.
    pub alias: Option<Spanned<String>>,
    /// The other end.
    pub target: Selector,
    /// From `THAT` to the end of the verbs.
    pub span: Place,
}

/// Which relationships.
#[derive(Debug, Clone, PartialEq)]
pub enum Verbs {
    /// `RELATES TO`.
    Any,
    /// Verbs, one or several, as written.
    Names(Vec<Spanned<String>>),
}

/// Which way a relationship points.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Not said: either way.
    Either,
    /// `>>`: from the left to the right.
    Forward,
    /// `<<`: from the right to the left.
    Backward,
}

/// What holds or does not.
#[derive(Debug, Clone, PartialEq)]
pub enum Condition {
    /// All of these; at least two.
    And(Vec<Condition>),
    /// One of these; at least two.
    Or(Vec<Condition>),
    /// A property compared.
    Compare(Comparison),
}

/// A property compared with something.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// What is compared.
    pub property: Property,
    /// How.
    pub operator: Spanned<Operator>,
    /// With what.
    pub operand: Operand,
}

/// A property: of the entity at hand, or of the one that `alias` names.
#[derive(Debug, Clone, PartialEq)]
pub struct Property {
    /// Whose, in `WHERE`, `RETURN` and `ORDER BY`; nobody's in `WITH`.
    pub alias: Option<Spanned<String>>,
    /// Its name, such as `encrypted` or `tag.Owner`.
    pub name: Spanned<String>,
}

impl Property {
    /// Where all of it stands.
    pub fn span(&self) -> Span {
        self.alias.as_ref().map_or(self.name.span, |alias| alias.span.to(self.name.span))
    }
}

/// How two values are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operator {
    /// `=`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// `~=`
    Contains,
    /// `!~=`
    NotContains,
    /// `^=`
    StartsWith,
    /// `!^=`
    NotStartsWith,
    /// `$=`
    EndsWith,
    /// `!$=`
    NotEndsWith,
}

impl Operator {
    /// Every operator.
    pub const ALL: [Self; 12] = [
        Self::Equal,
        Self::NotEqual,
        Self::Less,
        Self::LessOrEqual,
        Self::Greater,
        Self::GreaterOrEqual,
        Self::Contains,
        Self::NotContains,
        Self::StartsWith,
        Self::NotStartsWith,
        Self::EndsWith,
        Self::NotEndsWith,
    ];

    /// As it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::Contains => "~=",
            Self::NotContains => "!~=",
            Self::StartsWith => "^=",
            Self::NotStartsWith => "!^=",
            Self::EndsWith => "$=",
            Self::NotEndsWith => "!$=",
        }
    }

    /// The operator that this one is the opposite of.
    pub fn negates(self) -> Option<Self> {
        match self {
            Self::NotEqual => Some(Self::Equal),
            Self::NotContains => Some(Self::Contains),
            Self::NotStartsWith => Some(Self::StartsWith),
            Self::NotEndsWith => Some(Self::EndsWith),
            _ => None,
        }
    }

    /// Whether it compares sizes.
    pub fn is_order(self) -> bool {
        matches!(self, Self::Less | Self::LessOrEqual | Self::Greater | Self::GreaterOrEqual)
    }

    /// Whether it looks into text.
    pub fn is_text(self) -> bool {
        matches!(self.negates().unwrap_or(self), Self::Contains | Self::StartsWith | Self::EndsWith)
    }
}

/// What a property is compared with.
#[derive(Debug, Clone, PartialEq)]
pub enum Operand {
    /// A value.
    Value(Spanned<Literal>),
    /// `('a' OR 'b')`.
    List(List),
    /// Another property, in `WHERE`.
    Property(Property),
}

/// Several values in parentheses.
#[derive(Debug, Clone, PartialEq)]
pub enum List {
    /// One value.
    Value(Spanned<Literal>),
    /// All of these; at least two.
    And(Vec<List>),
    /// One of these; at least two.
    Or(Vec<List>),
}

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    /// Text in quotes.
    Text(String),
    /// A number.
    Number(serde_json::Number),
    /// `true` or `false`.
    Boolean(bool),
    /// A time.
    Date(Date),
    /// `undefined`: there is no value.
    Undefined,
    /// `null`: it is known that there is none.
    Null,
}

/// A time, absolute or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Date {
    /// Counted from when.
    pub base: DateBase,
    /// What is added, in order.
    pub offsets: Vec<Offset>,
}

/// What a time is counted from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DateBase {
    /// `date.now`.
    Now,
    /// `date(2024-01-01)`.
    At(DateTime<Utc>),
}

/// An amount of time, negative for earlier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Offset {
    /// How many.
    pub amount: i64,
    /// Of what.
    pub unit: Unit,
}

/// A unit of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// 3,600 seconds.
    Hour,
    /// 24 hours.
    Day,
    /// A month of the calendar.
    Month,
    /// Twelve months.
    Year,
}

/// What comes back.
#[derive(Debug, Clone, PartialEq)]
pub enum Return {
    /// `RETURN TREE`: all that was walked through.
    Tree,
    /// Columns; at least one.
    Items(Vec<Item>),
}

/// One column.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// What it shows.
    pub expression: Expression,
    /// `AS`.
    pub name: Option<Spanned<String>>,
    /// Where the expression stands.
    pub span: Place,
}

/// Something that has a value in each row.
#[derive(Debug, Clone, PartialEq)]
pub enum Expression {
    /// A whole entity or relationship.
    Alias(Spanned<String>),
    /// `alias.*`: each of its properties.
    All(Spanned<String>),
    /// One property.
    Property(Property),
    /// A value.
    Value(Spanned<Literal>),
    /// `count(…)` and the like.
    Aggregate(Aggregate),
    /// `concat(…)` and the like.
    Call {
        /// Which function.
        function: Spanned<Function>,
        /// What it is given; at least one.
        arguments: Vec<Expression>,
    },
    /// `-x`.
    Negate(Box<Expression>),
    /// `x + y` and the like.
    Arithmetic {
        /// What is done.
        operator: Arithmetic,
        /// To what.
        left: Box<Expression>,
        /// With what.
        right: Box<Expression>,
    },
}

/// A figure over several rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Aggregate {
    /// Which figure.
    pub function: Spanned<AggregateFunction>,
    /// Whether `distinct` was written.
    pub distinct: bool,
    /// Of what.
    pub argument: Box<Expression>,
}

/// Figures over several rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AggregateFunction {
    /// How many different ones.
    Count,
    /// The smallest.
    Min,
    /// The largest.
    Max,
    /// The mean.
    Avg,
    /// The sum.
    Sum,
}

/// Functions of the values of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Function {
    /// One text of all.
    Concat,
    /// One list of all that have a value.
    Merge,
    /// The first that has a value.
    Coalesce,
    /// Without the sign.
    Abs,
    /// The square root.
    Sqrt,
    /// The next whole number above.
    Ceil,
    /// The next whole number below.
    Floor,
    /// The nearest whole number.
    Round,
}

/// What is done with two numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Arithmetic {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
    /// `^`
    Power,
}

/// One part of the order.
#[derive(Debug, Clone, PartialEq)]
pub struct Order {
    /// By what: a property, a column's name or a figure.
    pub by: Expression,
    /// `DESC`.
    pub descending: bool,
    /// Where it stands.
    pub span: Place,
}
