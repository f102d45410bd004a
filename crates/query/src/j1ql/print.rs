//! A tree as text again.

use std::fmt::{self, Display, Formatter, Write};

use chrono::SecondsFormat;

use super::ast::{
    Aggregate, AggregateFunction, Arithmetic, Condition, Date, DateBase, Direction, Expression, Function,
    Hop, List, Literal, Offset, Operand, Optional, Pattern, Property, Query, Return, Selector, Spanned,
    Traversal, Unit, Verbs,
};

impl Display for Query {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "FIND {}{}", if self.unique { "UNIQUE " } else { "" }, self.start)?;
        for step in &self.steps {
            write!(f, " {step}")?;
        }
        if let Some(filter) = &self.filter {
            write!(f, " WHERE {filter}")?;
        }
        match &self.returns {
            None => {}
            Some(Return::Tree) => f.write_str(" RETURN TREE")?,
            Some(Return::Items(items)) => {
                for (at, item) in items.iter().enumerate() {
                    write!(f, "{} {}", if at == 0 { " RETURN" } else { "," }, item.expression)?;
                    if let Some(name) = &item.name {
                        write!(f, " AS {}", Quoted(&name.node))?;
                    }
                }
            }
        }
        for (at, order) in self.order.iter().enumerate() {
            let direction = if order.descending { " DESC" } else { "" };
            write!(f, "{} {}{direction}", if at == 0 { " ORDER BY" } else { "," }, order.by)?;
        }
        if let Some(skip) = &self.skip {
            write!(f, " SKIP {}", skip.node)?;
        }
        if let Some(limit) = &self.limit {
            write!(f, " LIMIT {}", limit.node)?;
        }
        Ok(())
    }
}

impl Display for Selector {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for mark in &self.marks {
            write!(f, "#{} ", mark.node)?;
        }
        match &self.pattern {
            Pattern::Any => f.write_char('*')?,
            Pattern::Names(names) => f.write_str(&alternatives(names))?,
            Pattern::Text(text) => write!(f, "{}", Quoted(&text.node))?,
        }
        if let Some(filter) = &self.filter {
            write!(f, " WITH {filter}")?;
        }
        write_alias(f, self.alias.as_ref())
    }
}

impl Display for Traversal {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Hop(hop) => hop.fmt(f),
            Self::Optional(Optional { steps, alias, .. }) => {
                for (at, step) in steps.iter().enumerate() {
                    write!(f, "{}{step}", if at == 0 { '(' } else { ' ' })?;
                }
                f.write_str(")?")?;
                write_alias(f, alias.as_ref())
            }
        }
    }
}

impl Display for Hop {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(if self.negated { "THAT !" } else { "THAT " })?;
        match &self.verbs {
            Verbs::Any => f.write_str("RELATES TO")?,
            Verbs::Names(names) => f.write_str(&alternatives(names))?,
        }
        f.write_str(match self.direction {
            Direction::Either => "",
            Direction::Forward => " >>",
            Direction::Backward => " <<",
        })?;
        write_alias(f, self.alias.as_ref())?;
        write!(f, " {}", self.target)
    }
}

fn write_alias(f: &mut Formatter<'_>, alias: Option<&Spanned<String>>) -> fmt::Result {
    alias.map_or(Ok(()), |it| write!(f, " AS {}", it.node))
}

fn alternatives(names: &[Spanned<String>]) -> String {
    match names {
        [one] => one.node.clone(),
        several => format!("({})", several.iter().map(|it| it.node.as_str()).collect::<Vec<_>>().join("|")),
    }
}

impl Display for Condition {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::And(parts) => joined(f, parts, " AND ", |it| !matches!(it, Self::Compare(_))),
            Self::Or(parts) => joined(f, parts, " OR ", |it| matches!(it, Self::Or(_))),
            Self::Compare(it) => write!(f, "{} {} {}", it.property, it.operator.node.as_str(), it.operand),
        }
    }
}

/// Parts with something between them, some in parentheses: groups of their own, but for `AND` among `OR`.
fn joined<T: Display>(
    f: &mut Formatter<'_>,
    parts: &[T],
    with: &str,
    is_group: impl Fn(&T) -> bool,
) -> fmt::Result {
    for (at, part) in parts.iter().enumerate() {
        if at > 0 {
            f.write_str(with)?;
        }
        if is_group(part) { write!(f, "({part})")? } else { write!(f, "{part}")? }
    }
    Ok(())
}

impl Display for Operand {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Value(value) => value.node.fmt(f),
            Self::List(list) => write!(f, "({list})"),
            Self::Property(property) => property.fmt(f),
        }
    }
}

impl Display for List {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Value(value) => value.node.fmt(f),
            Self::And(parts) => joined(f, parts, " AND ", |it| !matches!(it, Self::Value(_))),
            Self::Or(parts) => joined(f, parts, " OR ", |it| matches!(it, Self::Or(_))),
        }
    }
}

impl Display for Property {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let is_word = |it: &str| {
            it.starts_with(|it: char| it.is_alphabetic() || it == '_')
                && it.chars().all(|it| it.is_alphanumeric() || it == '_')
        };
        if let Some(alias) = &self.alias {
            write!(f, "{}.", alias.node)?;
        }
        let name = &self.name.node;
        if name.split('.').all(is_word) {
            f.write_str(name)
        } else if name.trim() == name && !name.contains(['[', ']', '\n']) && !name.starts_with(['\'', '"']) {
            write!(f, "[{name}]")
        } else if name.contains('\'') {
            write!(f, "[\"{name}\"]")
        } else {
            write!(f, "['{name}']")
        }
    }
}

impl Display for Literal {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => Quoted(text).fmt(f),
            Self::Number(number) => number.fmt(f),
            Self::Boolean(value) => value.fmt(f),
            Self::Date(date) => date.fmt(f),
            Self::Undefined => f.write_str("undefined"),
            Self::Null => f.write_str("null"),
        }
    }
}

impl Display for Date {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.base {
            DateBase::Now => f.write_str("date.now")?,
            DateBase::At(at) => write!(f, "date({})", at.to_rfc3339_opts(SecondsFormat::Millis, true))?,
        }
        for Offset { amount, unit } in &self.offsets {
            let sign = if *amount < 0 { '-' } else { '+' };
            let unit = match unit {
                Unit::Hour => "hours",
                Unit::Day => "days",
                Unit::Month => "months",
                Unit::Year => "years",
            };
            write!(f, " {sign} {} {unit}", amount.unsigned_abs())?;
        }
        Ok(())
    }
}

/// Text in quotes.
struct Quoted<'t>(&'t str);

impl Display for Quoted<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "'{}'", self.0.replace('\\', "\\\\").replace('\'', "\\'"))
    }
}

impl Display for Expression {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Alias(alias) => f.write_str(&alias.node),
            Self::All(alias) => write!(f, "{}.*", alias.node),
            Self::Property(property) => property.fmt(f),
            Self::Value(value) => value.node.fmt(f),
            Self::Aggregate(Aggregate { function, distinct, argument }) => {
                write!(
                    f,
                    "{}({}{argument})",
                    function.node.as_str(),
                    if *distinct { "distinct " } else { "" }
                )
            }
            Self::Call { function, arguments } => {
                write!(f, "{}(", function.node.as_str())?;
                for (at, argument) in arguments.iter().enumerate() {
                    write!(f, "{}{argument}", if at == 0 { "" } else { ", " })?;
                }
                f.write_char(')')
            }
            Self::Negate(inner) => match Binds::of(inner) {
                Binds::Single if inner.is_number() => write!(f, "-({inner})"),
                Binds::Negation => write!(f, "- {inner}"),
                _ => f.write_char('-').and_then(|()| operand(f, inner, Binds::Negation)),
            },
            Self::Arithmetic { operator, left, right } => {
                let (left_at_least, right_at_least) = match Binds::of(self) {
                    Binds::Sum => (Binds::Sum, Binds::Product),
                    Binds::Product => (Binds::Product, Binds::Power),
                    _ => (Binds::Negation, Binds::Power),
                };
                operand(f, left, left_at_least)?;
                write!(f, " {} ", operator.as_str())?;
                operand(f, right, right_at_least)
            }
        }
    }
}

impl Expression {
    fn is_number(&self) -> bool {
        matches!(self, Self::Value(value) if matches!(value.node, Literal::Number(_)))
    }
}

/// How strongly the parts of an expression hold together, least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Binds {
    /// A date takes what is added behind it for itself.
    Date,
    Sum,
    Product,
    Power,
    Negation,
    Single,
}

impl Binds {
    fn of(expression: &Expression) -> Self {
        match expression {
            Expression::Arithmetic { operator, .. } => match operator {
                Arithmetic::Add | Arithmetic::Subtract => Self::Sum,
                Arithmetic::Multiply | Arithmetic::Divide => Self::Product,
                Arithmetic::Power => Self::Power,
            },
            Expression::Negate(_) => Self::Negation,
            Expression::Value(_) if expression.is_number() && expression.to_string().starts_with('-') => {
                Self::Negation
            }
            Expression::Value(value) if matches!(value.node, Literal::Date(_)) => Self::Date,
            _ => Self::Single,
        }
    }
}

/// In parentheses if its parts hold together less than they must.
fn operand(f: &mut Formatter<'_>, expression: &Expression, at_least: Binds) -> fmt::Result {
    if Binds::of(expression) < at_least { write!(f, "({expression})") } else { write!(f, "{expression}") }
}

impl AggregateFunction {
    /// As it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Count => "count",
            Self::Min => "min",
            Self::Max => "max",
            Self::Avg => "avg",
            Self::Sum => "sum",
        }
    }
}

impl Function {
    /// As it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Concat => "concat",
            Self::Merge => "merge",
            Self::Coalesce => "coalesce",
            Self::Abs => "abs",
            Self::Sqrt => "sqrt",
            Self::Ceil => "ceil",
            Self::Floor => "floor",
            Self::Round => "round",
        }
    }
}

impl Arithmetic {
    /// As it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Power => "^",
        }
    }
}
