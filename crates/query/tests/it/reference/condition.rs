//! What holds.

use chrono::{Datelike, Months, TimeDelta};
use orgraph_query::j1ql::ast::{
    Comparison, Condition, Date, DateBase, List, Literal, Operand, Operator, Property, Unit,
};
use serde_json::{Value, json};

use super::{Path, Reference, Thing};

impl Reference<'_> {
    pub(super) fn holds_for_entity(&self, condition: &Condition, at: usize) -> bool {
        self.holds(condition, &|property: &Property| self.property(Thing::Entity(at), &property.name.node))
    }

    pub(super) fn holds_for_path(&self, condition: &Condition, path: &Path) -> bool {
        self.holds(condition, &|property: &Property| self.named_property(property, path))
    }

    /// A property of what a name stands for; nothing when that part of the way was left out.
    pub(super) fn named_property(&self, property: &Property, path: &Path) -> Option<Value> {
        let thing = Self::thing(&property.alias.as_ref().unwrap().node, path)?;
        self.property(thing, &property.name.node)
    }

    pub(super) fn thing(name: &str, path: &Path) -> Option<Thing> {
        path.names.get(name).or_else(|| path.names.get(&name.to_uppercase())).copied()
    }

    fn holds(&self, condition: &Condition, get: &dyn Fn(&Property) -> Option<Value>) -> bool {
        match condition {
            Condition::And(parts) => parts.iter().all(|it| self.holds(it, get)),
            Condition::Or(parts) => parts.iter().any(|it| self.holds(it, get)),
            Condition::Compare(it) => self.compares(it, get),
        }
    }

    fn compares(&self, it: &Comparison, get: &dyn Fn(&Property) -> Option<Value>) -> bool {
        let left = get(&it.property);
        let operator = it.operator.node;
        let positive = operator.negates().unwrap_or(operator);
        let is_negated = positive != operator;
        if let Operand::Property(other) = &it.operand {
            let right = get(other);
            let are_nothing = [&left, &right].iter().all(|it| it.as_ref().is_none_or(Value::is_null));
            let rights = values(right.as_ref());
            let holds = values(left.as_ref()).iter().any(|a| rights.iter().any(|b| pair(a, positive, b)));
            return if is_negated { !are_nothing && !holds } else { holds };
        }
        let is_tag = it.property.name.node.starts_with("tag.");
        let one =
            |literal: &Literal| self.compares_with(left.as_ref(), is_tag, positive, literal, is_negated);
        let holds = match &it.operand {
            Operand::Value(value) => one(&value.node),
            Operand::List(list) => any_or_all(list, &one),
            Operand::Property(_) => unreachable!(),
        };
        holds != is_negated
    }

    fn compares_with(
        &self,
        left: Option<&Value>,
        is_tag: bool,
        operator: Operator,
        literal: &Literal,
        is_negated: bool,
    ) -> bool {
        let right = match literal {
            Literal::Undefined => return left.is_none_or(Value::is_null),
            Literal::Null if is_negated => return left.is_none_or(Value::is_null),
            Literal::Null => {
                return match left {
                    Some(Value::Array(all)) => all.contains(&Value::Null),
                    other => other == Some(&Value::Null),
                };
            }
            Literal::Text(text) => json!(text),
            Literal::Number(number) => json!(number),
            Literal::Boolean(value) => json!(value),
            Literal::Date(date) => json!(self.milliseconds(date)),
        };
        let loosely = |value: &Value| match value {
            Value::Bool(value) if is_tag => json!(value.to_string()),
            other => other.clone(),
        };
        let is_equality = operator == Operator::Equal;
        values(left).iter().any(|value| {
            if is_equality {
                pair(&loosely(value), operator, &loosely(&right))
            } else {
                pair(value, operator, &right)
            }
        })
    }

    pub(super) fn milliseconds(&self, date: &Date) -> i64 {
        let mut at = match date.base {
            DateBase::Now => self.now,
            DateBase::At(at) => at,
        };
        for offset in &date.offsets {
            let months = |count: i64| Months::new(u32::try_from(count.abs()).unwrap());
            at = match (offset.unit, offset.amount < 0) {
                (Unit::Hour, _) => at + TimeDelta::hours(offset.amount),
                (Unit::Day, _) => at + TimeDelta::days(offset.amount),
                (Unit::Month, true) => at - months(offset.amount),
                (Unit::Month, false) => at + months(offset.amount),
                (Unit::Year, true) => at - months(offset.amount * 12),
                (Unit::Year, false) => at + months(offset.amount * 12),
            };
        }
        assert!(at.year() > 1000);
        at.timestamp_millis()
    }
}

fn any_or_all(list: &List, one: &dyn Fn(&Literal) -> bool) -> bool {
    match list {
        List::Value(value) => one(&value.node),
        List::And(parts) => parts.iter().all(|it| any_or_all(it, one)),
        List::Or(parts) => parts.iter().any(|it| any_or_all(it, one)),
    }
}

/// What a property counts as: nothing, one value, or each of a list.
fn values(value: Option<&Value>) -> Vec<Value> {
    match value {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(all)) => all.clone(),
        Some(one) => vec![one.clone()],
    }
}

fn pair(left: &Value, operator: Operator, right: &Value) -> bool {
    let numbers = || Some((left.as_f64()?, right.as_f64()?));
    let texts = || Some((left.as_str()?, right.as_str()?));
    match operator {
        Operator::Equal => match numbers() {
            Some((a, b)) => a.total_cmp(&b).is_eq(),
            None => !left.is_null() && left == right,
        },
        Operator::Less => numbers().is_some_and(|(a, b)| a < b),
        Operator::LessOrEqual => numbers().is_some_and(|(a, b)| a <= b),
        Operator::Greater => numbers().is_some_and(|(a, b)| a > b),
        Operator::GreaterOrEqual => numbers().is_some_and(|(a, b)| a >= b),
        Operator::Contains => texts().is_some_and(|(a, b)| a.contains(b)),
        Operator::StartsWith => texts().is_some_and(|(a, b)| a.starts_with(b)),
        Operator::EndsWith => texts().is_some_and(|(a, b)| a.ends_with(b)),
        other => panic!("{other:?} is negated"),
    }
}
