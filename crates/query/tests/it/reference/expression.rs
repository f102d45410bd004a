//! Columns.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use orgraph_query::j1ql::ast::{
    Aggregate, AggregateFunction, Arithmetic, Expression, Function, Item, Literal, Order, Query,
};
use serde_json::{Value, json};

use super::{Path, Reference};
use crate::j1ql::database::Rows;

impl Reference<'_> {
    pub(super) fn rows(&self, query: &Query, items: &[Item], paths: &[Path]) -> Rows {
        let has_figures = items.iter().any(|it| has_figure(&it.expression));
        // Rows that belong together, by the columns without figures; without figures each is by itself.
        let mut groups: Vec<Vec<&Path>> = Vec::new();
        if has_figures {
            let mut by_key: BTreeMap<String, Vec<&Path>> = BTreeMap::new();
            for path in paths {
                let key = items
                    .iter()
                    .filter(|it| !has_figure(&it.expression))
                    .map(|it| self.value(&it.expression, &[path]));
                by_key
                    .entry(format!("{:?}", key.map(|it| it.map(normal)).collect::<Vec<_>>()))
                    .or_default()
                    .push(path);
            }
            if items.iter().all(|it| has_figure(&it.expression)) && by_key.is_empty() {
                by_key.insert(String::new(), Vec::new());
            }
            groups.extend(by_key.into_values());
        } else {
            groups.extend(paths.iter().map(|it| vec![it]));
        }
        let mut rows: Vec<(Vec<Option<Value>>, &Vec<&Path>)> = groups
            .iter()
            .map(|group| (items.iter().map(|it| self.value(&it.expression, group)).collect(), group))
            .collect();
        if query.unique {
            let mut seen: Vec<Vec<Option<Value>>> = Vec::new();
            rows.retain(|(row, _)| {
                let is_new = !seen.contains(row);
                seen.push(row.clone());
                is_new
            });
        }
        if !query.order.is_empty() {
            rows.sort_by(|a, b| {
                let sorts = query.order.iter().map(|order| {
                    let by = |row: &(Vec<Option<Value>>, &Vec<&Path>)| self.order_value(order, items, row);
                    sorting(by(a), by(b), order.descending)
                });
                sorts.fold(Ordering::Equal, Ordering::then)
            });
        }
        rows.into_iter().map(|it| it.0).collect()
    }

    fn order_value(
        &self,
        order: &Order,
        items: &[Item],
        row: &(Vec<Option<Value>>, &Vec<&Path>),
    ) -> Option<Value> {
        let name = match &order.by {
            Expression::Alias(name) => Some(&name.node),
            Expression::Value(value) => match &value.node {
                Literal::Text(name) => Some(name),
                _ => None,
            },
            _ => None,
        };
        let column = items.iter().position(|it| {
            let written = it.expression.to_string();
            name.is_some_and(|name| it.name.as_ref().map_or(&written, |it| &it.node) == name)
        });
        match column {
            Some(column) => row.0[column].clone(),
            None => self.value(&order.by, row.1),
        }
    }

    /// The value of an expression over rows that are alike in everything but what figures are of.
    fn value(&self, expression: &Expression, paths: &[&Path]) -> Option<Value> {
        match expression {
            Expression::Alias(alias) | Expression::All(alias) => {
                Some(self.object(Self::thing(&alias.node, paths[0])?))
            }
            Expression::Property(property) => self.named_property(property, paths[0]),
            Expression::Value(value) => Some(match &value.node {
                Literal::Text(text) => json!(text),
                Literal::Number(number) => json!(number),
                Literal::Boolean(value) => json!(value),
                Literal::Date(date) => json!(self.milliseconds(date)),
                Literal::Undefined | Literal::Null => Value::Null,
            }),
            Expression::Call { function, arguments } => {
                let values: Vec<Option<Value>> = arguments.iter().map(|it| self.value(it, paths)).collect();
                call(function.node, &values)
            }
            Expression::Aggregate(aggregate) => self.figure(aggregate, paths),
            Expression::Negate(inner) => number(-self.value(inner, paths)?.as_f64()?),
            Expression::Arithmetic { operator, left, right } => {
                let (a, b) = (self.value(left, paths)?.as_f64()?, self.value(right, paths)?.as_f64()?);
                match operator {
                    Arithmetic::Add => number(a + b),
                    Arithmetic::Subtract => number(a - b),
                    Arithmetic::Multiply => number(a * b),
                    Arithmetic::Divide if b == 0.0 => None,
                    Arithmetic::Divide => number(a / b),
                    Arithmetic::Power if a.abs() > 1e15 || b.abs() > 64.0 => None,
                    Arithmetic::Power => number(a.powf(b)),
                }
            }
        }
    }

    fn figure(&self, it: &Aggregate, paths: &[&Path]) -> Option<Value> {
        if it.function.node == AggregateFunction::Count {
            let mut seen: Vec<String> = paths
                .iter()
                .filter_map(|path| match it.argument.as_ref() {
                    Expression::Alias(alias) => Self::thing(&alias.node, path).map(|it| format!("{it:?}")),
                    other => {
                        let value = self.value(other, &[path]).filter(|it| !it.is_null())?;
                        Some(format!("{:?}", normal(value)))
                    }
                })
                .collect();
            seen.sort();
            seen.dedup();
            return Some(json!(seen.len()));
        }
        let mut numbers: Vec<f64> =
            paths.iter().filter_map(|path| self.value(&it.argument, &[path])?.as_f64()).collect();
        if it.distinct {
            numbers.sort_by(f64::total_cmp);
            numbers.dedup_by(|a, b| a.total_cmp(b).is_eq());
        }
        if numbers.is_empty() {
            return None;
        }
        let sum: f64 = numbers.iter().sum();
        let count = f64::from(u32::try_from(numbers.len()).unwrap());
        match it.function.node {
            AggregateFunction::Min => number(numbers.into_iter().fold(f64::INFINITY, f64::min)),
            AggregateFunction::Max => number(numbers.into_iter().fold(f64::NEG_INFINITY, f64::max)),
            AggregateFunction::Avg => number(sum / count),
            _ => number(sum),
        }
    }
}

fn has_figure(expression: &Expression) -> bool {
    match expression {
        Expression::Aggregate(_) => true,
        Expression::Call { arguments, .. } => arguments.iter().any(has_figure),
        Expression::Negate(inner) => has_figure(inner),
        Expression::Arithmetic { left, right, .. } => has_figure(left) || has_figure(right),
        _ => false,
    }
}

fn number(value: f64) -> Option<Value> {
    serde_json::Number::from_f64(value).map(Value::Number)
}

fn call(function: Function, values: &[Option<Value>]) -> Option<Value> {
    let first = || values[0].as_ref().and_then(Value::as_f64);
    match function {
        Function::Concat => Some(json!(values.iter().map(|it| as_text(it.as_ref())).collect::<String>())),
        Function::Coalesce => values.iter().flatten().find(|it| !it.is_null()).cloned(),
        Function::Merge => {
            let mut all: Vec<Value> = Vec::new();
            for value in values.iter().flatten() {
                let items = if let Value::Array(items) = value { items.clone() } else { vec![value.clone()] };
                all.extend(items.into_iter().filter(|it| !it.is_null()));
            }
            all.sort_by(order);
            all.dedup_by(|a, b| order(a, b).is_eq());
            if all.is_empty() { None } else { Some(json!(all)) }
        }
        Function::Abs => number(first()?.abs()),
        Function::Sqrt => number(first()?.sqrt()),
        Function::Ceil => number(first()?.ceil()),
        Function::Floor => number(first()?.floor()),
        Function::Round => number(first()?.round()),
    }
}

fn as_text(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => match number.as_f64() {
            Some(float) if float.fract() == 0.0 && float.abs() < 1e15 => format!("{float:.0}"),
            _ => number.to_string(),
        },
        // PostgreSQL writes lists with a blank behind each comma.
        Some(Value::Array(items)) => {
            let items: Vec<String> = items.iter().map(ToString::to_string).collect();
            format!("[{}]", items.join(", "))
        }
        Some(other) => other.to_string(),
    }
}

/// Numbers as one form, so that `1` and `1.0` are one value and rounding errors none.
pub(crate) fn normal(value: Value) -> Value {
    match value {
        Value::Number(number) => {
            let float = number.as_f64().unwrap();
            json!(format!("#{:.9e}", if float == 0.0 { 0.0 } else { float }))
        }
        Value::Array(items) => Value::Array(items.into_iter().map(normal).collect()),
        Value::Object(entries) => {
            Value::Object(entries.into_iter().map(|(key, value)| (key, normal(value))).collect())
        }
        other => other,
    }
}

/// Before or after: as PostgreSQL orders JSON for the kinds of values there are.
fn order(a: &Value, b: &Value) -> Ordering {
    let rank = |it: &Value| match it {
        Value::Null => 0,
        Value::String(_) => 1,
        Value::Number(_) => 2,
        Value::Bool(_) => 3,
        Value::Array(_) => 4,
        Value::Object(_) => 5,
    };
    match (a, b) {
        (Value::String(a), Value::String(b)) => a.cmp(b),
        (Value::Number(a), Value::Number(b)) => a.as_f64().unwrap().total_cmp(&b.as_f64().unwrap()),
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        (Value::Array(a), Value::Array(b)) => a
            .len()
            .cmp(&b.len())
            .then_with(|| a.iter().zip(b).map(|(a, b)| order(a, b)).fold(Ordering::Equal, Ordering::then)),
        _ => rank(a).cmp(&rank(b)),
    }
}

/// Before or after in a sorted answer: what has no value comes last, whichever the direction.
pub(super) fn sorting(a: Option<Value>, b: Option<Value>, descending: bool) -> Ordering {
    let (a, b) = (a.filter(|it| !it.is_null()), b.filter(|it| !it.is_null()));
    match (a, b) {
        (None, None) => Ordering::Equal,
        (None, Some(_)) => Ordering::Greater,
        (Some(_), None) => Ordering::Less,
        (Some(a), Some(b)) if descending => order(&b, &a),
        (Some(a), Some(b)) => order(&a, &b),
    }
}
