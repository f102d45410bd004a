//! Conditions as SQL that is true or false and never unknown, so that negation means what it says.
//!
//! A property has values: none if it is absent or `null`, each element of a list, else one. `=` asks whether one of
//! them is the one, the negated operators whether none is.

use serde_json::{Value, json};

use super::super::ast::{Comparison, Condition, List, Literal, Operand, Operator, Property, Span};
use super::super::diagnose::Diagnostic;
use super::field::{self, Field, Owner};
use super::names::Binding;
use super::time;
use super::{Compiler, Place};

/// Whose property a condition speaks of.
#[derive(Clone, Copy)]
pub(super) enum Subject<'p> {
    /// Of this entity: `WITH`.
    Entity(usize),
    /// Of who is named: `WHERE`.
    Named(&'p Place),
}

impl Compiler<'_> {
    pub(super) fn condition(
        &mut self,
        subject: Subject<'_>,
        condition: &Condition,
    ) -> Result<(), Diagnostic> {
        let (parts, with) = match condition {
            Condition::Compare(comparison) => return self.comparison(subject, comparison),
            Condition::And(parts) => (parts, " AND "),
            Condition::Or(parts) => (parts, " OR "),
        };
        self.sql.put("(");
        for (at, part) in parts.iter().enumerate() {
            if at > 0 {
                self.sql.put(with);
            }
            self.condition(subject, part)?;
        }
        self.sql.put(")");
        Ok(())
    }

    fn comparison(&mut self, subject: Subject<'_>, it: &Comparison) -> Result<(), Diagnostic> {
        let (owner, field) = self.owner_and_field(subject, &it.property)?;
        let operator = it.operator.node;
        let positive = operator.negates();
        if let Operand::Property(other) = &it.operand {
            let other = self.owner_and_field(subject, other)?;
            self.compare_properties((owner, &field), operator, (other.0, &other.1));
            return Ok(());
        }
        if positive.is_some() {
            self.sql.put("NOT ");
        }
        let comparing = Comparing {
            owner,
            field,
            operator: positive.unwrap_or(operator),
            is_negated: positive.is_some(),
        };
        match &it.operand {
            Operand::List(list) => self.list(&comparing, list),
            Operand::Value(value) => self.compare(&comparing, &value.node, value.span),
            Operand::Property(_) => Ok(()),
        }
    }

    fn owner_and_field(
        &mut self,
        subject: Subject<'_>,
        property: &Property,
    ) -> Result<(Owner, Field), Diagnostic> {
        let (owner, binding) = match (subject, &property.alias) {
            (Subject::Named(place), Some(alias)) => {
                let binding = self.names.find(&alias.node, alias.span, self.text)?;
                (place.owner(binding), binding)
            }
            (Subject::Named(place), None) => (Owner::Entity(place.start), Binding::Entity(0)),
            (Subject::Entity(number), _) => (Owner::Entity(number), Binding::Entity(0)),
        };
        Ok((owner, self.field(binding, property)?))
    }

    fn list(&mut self, comparing: &Comparing, list: &List) -> Result<(), Diagnostic> {
        let (parts, with) = match list {
            List::Value(value) => return self.compare(comparing, &value.node, value.span),
            List::And(parts) => (parts, " AND "),
            List::Or(parts) => (parts, " OR "),
        };
        self.sql.put("(");
        for (at, part) in parts.iter().enumerate() {
            if at > 0 {
                self.sql.put(with);
            }
            self.list(comparing, part)?;
        }
        self.sql.put(")");
        Ok(())
    }

    fn compare(&mut self, it: &Comparing, literal: &Literal, span: Span) -> Result<(), Diagnostic> {
        match it.operator {
            Operator::Equal => self.equal(it, literal, span),
            Operator::Contains | Operator::StartsWith | Operator::EndsWith => {
                let Literal::Text(text) = literal else {
                    let message = format!("`{}` looks into text, and this is none", it.operator.as_str());
                    return Err(Diagnostic::at(self.text, span, message).expecting(&["text in quotes"]));
                };
                self.text_match(it, text);
                Ok(())
            }
            _ => {
                let number = match literal {
                    Literal::Number(number) => Value::Number(number.clone()),
                    Literal::Date(date) => json!(self.date(date, span)?),
                    _ => {
                        let message = format!(
                            "`{}` compares numbers and dates, and this is neither",
                            it.operator.as_str()
                        );
                        return Err(Diagnostic::at(self.text, span, message));
                    }
                };
                self.order(it, &number);
                Ok(())
            }
        }
    }

    pub(super) fn date(&self, date: &super::super::ast::Date, span: Span) -> Result<i64, Diagnostic> {
        time::milliseconds(date, self.options.now)
            .ok_or_else(|| Diagnostic::at(self.text, span, "this is beyond the times that can be compared"))
    }

    fn equal(&mut self, it: &Comparing, literal: &Literal, span: Span) -> Result<(), Diagnostic> {
        let value = match literal {
            // What is known to be nothing and what is not known are both without a value.
            Literal::Undefined => {
                self.nothing(it);
                return Ok(());
            }
            Literal::Null if it.is_negated => {
                self.nothing(it);
                return Ok(());
            }
            Literal::Null => Value::Null,
            Literal::Text(text) => {
                if let (Owner::Entity(number), Some(column)) = (it.owner, it.field.text_column()) {
                    self.equal_text(it, number, column, text);
                    return Ok(());
                }
                if let (Owner::Entity(number), Field::Class) = (it.owner, &it.field) {
                    self.has_class(number, text);
                    return Ok(());
                }
                json!(text)
            }
            Literal::Number(number) => Value::Number(number.clone()),
            Literal::Boolean(value) => json!(value),
            Literal::Date(date) => json!(self.date(date, span)?),
        };
        // Nothing is false only where it is negated. Elsewhere the bare comparison says more: of a text or a number the
        // database expects few, of an expression it does not know half of all, which is right for true and false.
        let is_plain = !it.is_negated && !value.is_boolean();
        self.sql.put(if is_plain { "(" } else { "coalesce(" });
        self.value(it);
        self.sql.put(" @> ").json(value.clone());
        // Tags are text at AWS; a few are stored as what they read as.
        if let (Field::Tag(_), Some(other)) = (&it.field, other_reading(&value)) {
            self.sql.put(" OR ");
            self.value(it);
            self.sql.put(" @> ").json(other);
        }
        self.sql.put(if is_plain { ")" } else { ", false)" });
        Ok(())
    }

    fn nothing(&mut self, it: &Comparing) {
        self.sql.put("(coalesce(jsonb_typeof(");
        self.value(it);
        self.sql.put("), 'null') = 'null')");
    }

    fn equal_text(&mut self, it: &Comparing, number: usize, column: &'static str, text: &str) {
        self.sql.put("(");
        if it.field == Field::Key && !it.is_negated {
            self.sql.numbered("n", number).put("._id = orgraph.entity_id(").text(text).put(") AND ");
        }
        self.sql.put(if it.is_negated { "coalesce(" } else { "(" });
        self.sql.numbered("n", number).put(column).put(" = ").text(text);
        self.sql.put(if it.is_negated { ", false))" } else { "))" });
    }

    /// The types of a class are known, and there is an index on types.
    fn has_class(&mut self, number: usize, class: &str) {
        if let Some(types) = self.words.types_of(class) {
            self.sql.numbered("(n", number).put("._type = ANY(").texts(types.to_vec()).put("))");
        } else {
            self.sql.numbered("(n", number).put("._class @> ARRAY[").text(class).put("])");
        }
    }

    fn order(&mut self, it: &Comparing, number: &Value) {
        if let (Owner::Entity(n), Some(column), Some(at)) =
            (it.owner, it.field.time_column(), number.as_i64())
            && let Some((operator, at)) = time::as_column(it.operator, at)
        {
            self.sql.numbered("(n", n).put(column).put(operator).time(at).put(")");
            return;
        }
        self.sql.put("coalesce(jsonb_path_exists(");
        self.value(it);
        self.sql.put(match it.operator {
            Operator::Less => ", '$[*] ? (@ < $v)', ",
            Operator::LessOrEqual => ", '$[*] ? (@ <= $v)', ",
            Operator::Greater => ", '$[*] ? (@ > $v)', ",
            _ => ", '$[*] ? (@ >= $v)', ",
        });
        self.sql.json(json!({ "v": number })).put("), false)");
    }

    fn text_match(&mut self, it: &Comparing, text: &str) {
        if it.operator == Operator::StartsWith {
            self.sql.put("coalesce(jsonb_path_exists(");
            self.value(it);
            self.sql.put(", '$[*] ? (@ starts with $v)', ").json(json!({ "v": text })).put("), false)");
            return;
        }
        self.sql.put("EXISTS (SELECT FROM jsonb_path_query(");
        self.value(it);
        self.sql.put(", '$[*] ? (@.type() == \"string\")') AS t(v) WHERE ");
        if it.operator == Operator::Contains {
            self.sql.put("strpos(t.v #>> '{}', ").text(text).put(") > 0)");
        } else {
            self.sql.put("right(t.v #>> '{}', length(").text(text).put(")) = ").text(text).put(")");
        }
    }

    /// Two properties, each with its values: one of the one and one of the other. Of two that have none nothing holds.
    fn compare_properties(&mut self, left: (Owner, &Field), operator: Operator, right: (Owner, &Field)) {
        let (is_negated, positive) = (operator.negates().is_some(), operator.negates().unwrap_or(operator));
        if is_negated {
            self.sql.put("((coalesce(jsonb_typeof(");
            field::value(&mut self.sql, left.0, left.1);
            self.sql.put("), 'null') <> 'null' OR coalesce(jsonb_typeof(");
            field::value(&mut self.sql, right.0, right.1);
            self.sql.put("), 'null') <> 'null') AND NOT ");
        }
        if positive.is_text() {
            self.sql.put("EXISTS (SELECT FROM jsonb_path_query(");
            field::value(&mut self.sql, left.0, left.1);
            self.sql.put(", '$[*] ? (@.type() == \"string\")') AS t(v), jsonb_path_query(");
            field::value(&mut self.sql, right.0, right.1);
            self.sql.put(", '$[*] ? (@.type() == \"string\")') AS u(v) WHERE ").put(match positive {
                Operator::Contains => "strpos(t.v #>> '{}', u.v #>> '{}') > 0)",
                Operator::StartsWith => "starts_with(t.v #>> '{}', u.v #>> '{}'))",
                _ => "right(t.v #>> '{}', length(u.v #>> '{}')) = (u.v #>> '{}'))",
            });
        } else {
            self.sql.put("coalesce(jsonb_path_exists(");
            field::value(&mut self.sql, left.0, left.1);
            self.sql.put(match positive {
                Operator::Equal => ", '$[*] ? (@ != null && @ == $o[*])', jsonb_build_object('o', ",
                Operator::Less => {
                    ", '$[*] ? (@.type() == \"number\" && @ < $o[*])', jsonb_build_object('o', "
                }
                Operator::LessOrEqual => {
                    ", '$[*] ? (@.type() == \"number\" && @ <= $o[*])', jsonb_build_object('o', "
                }
                Operator::Greater => {
                    ", '$[*] ? (@.type() == \"number\" && @ > $o[*])', jsonb_build_object('o', "
                }
                _ => ", '$[*] ? (@.type() == \"number\" && @ >= $o[*])', jsonb_build_object('o', ",
            });
            field::value(&mut self.sql, right.0, right.1);
            self.sql.put(")), false)");
        }
        if is_negated {
            self.sql.put(")");
        }
    }

    fn value(&mut self, it: &Comparing) {
        field::value(&mut self.sql, it.owner, &it.field);
    }
}

/// One side of a comparison, its operator being none of the negated ones.
struct Comparing {
    owner: Owner,
    field: Field,
    operator: Operator,
    is_negated: bool,
}

/// The text `true` for the boolean and the other way round.
fn other_reading(value: &Value) -> Option<Value> {
    match value {
        Value::Bool(value) => Some(json!(value.to_string())),
        Value::String(text) if text == "true" => Some(json!(true)),
        Value::String(text) if text == "false" => Some(json!(false)),
        // The same once more: how a statement reads does not depend on the values in it.
        Value::String(text) => Some(json!(text)),
        _ => None,
    }
}
