//! A question from a tape.

use orgraph_query::j1ql::ast::{
    Aggregate, AggregateFunction, Arithmetic, Comparison, Condition, Date, DateBase, Direction, Expression,
    Function, Hop, Item, List, Literal, Offset, Operand, Operator, Optional, Order, Pattern, Place, Property,
    Query, Return, Selector, Spanned, Traversal, Unit, Verbs,
};

use super::{PROPERTIES, TAGS, TYPES, Tape, VERBS};
use crate::j1ql::graph::Graph;

const CLASSES: [&str; 6] = ["Host", "DataStore", "Disk", "Firewall", "Network", "Internet"];

/// Names that were given so far.
#[derive(Default)]
struct Names {
    entities: Vec<String>,
    relationships: Vec<String>,
    count: usize,
}

impl Names {
    fn fresh(&mut self, kind: &str) -> String {
        self.count += 1;
        format!("{kind}{}", self.count)
    }
}

pub(super) fn question(tape: &mut Tape) -> Query {
    let mut names = Names::default();
    let start = selector(tape, Some(&mut names));
    let steps = steps(tape, &mut names, 3, true);
    let filter = if tape.rarely(3) { Some(condition(tape, Some(&names), 2)) } else { None };
    let returns = match tape.below(5) {
        0 => None,
        1 if names.count > 0 => Some(Return::Tree),
        _ => Some(Return::Items(items(tape, &names))),
    };
    let unique = matches!(returns, Some(Return::Items(_))) && tape.rarely(4);
    let is_plain = match &returns {
        Some(Return::Items(items)) => !unique && !items.iter().any(|it| has_figure(&it.expression)),
        _ => false,
    };
    let order = if is_plain && tape.rarely(4) {
        let by = Expression::Property(property(tape, Some(&names)));
        vec![Order { by, descending: tape.rarely(2), span: Place::default() }]
    } else {
        Vec::new()
    };
    Query { unique, start, steps, filter, returns, order, skip: None, limit: None }
}

/// A question for what can be reached at one end of a walk over a graph, asking only at the other.
pub(super) fn reaching(tape: &mut Tape, graph: &Graph) -> Query {
    let mut names = Names::default();
    let mut at = tape.one(&graph.entities).key.as_str();
    let start_key = at;
    let mut start = unasked(at, graph, &mut names);
    let mut steps = Vec::new();
    for _ in 0..=tape.below(3) {
        let touching = graph.relationships.iter().filter(|it| it.from == at || it.to == at);
        let touching: Vec<_> = touching.collect();
        if touching.is_empty() {
            break;
        }
        let relationship = *tape.one(&touching);
        let is_forward = relationship.from == at;
        at = if is_forward { &relationship.to } else { &relationship.from };
        let direction = if is_forward { Direction::Forward } else { Direction::Backward };
        let mut hop = hop(tape, None);
        hop.direction = *tape.one(&[direction, Direction::Either]);
        if tape.below(3) > 0 {
            hop.verbs = Verbs::Names(vec![relationship.verb.clone().into()]);
        }
        hop.target = unasked(at, graph, &mut names);
        steps.push(Traversal::Hop(Box::new(hop)));
    }
    let is_forward = tape.below(2) == 0;
    let (asked, key, returned) = match steps.last_mut() {
        Some(Traversal::Hop(hop)) if !is_forward => (&mut hop.target, at, names.entities.first()),
        _ => (&mut start, start_key, names.entities.last()),
    };
    let is_key = Comparison {
        property: Property { alias: None, name: "_key".to_owned().into() },
        operator: Operator::Equal.into(),
        operand: Operand::Value(Literal::Text(key.to_owned()).into()),
    };
    let filter = if tape.below(3) > 0 { Condition::Compare(is_key) } else { condition(tape, None, 1) };
    asked.filter = Some(filter);
    let returned = returned.expect("the start has a name").clone();
    let items = items(tape, &Names { entities: vec![returned.clone()], ..Names::default() });
    let mut items: Vec<Item> = items.into_iter().filter(|it| !has_figure(&it.expression)).collect();
    if items.is_empty() {
        let whole = Expression::Alias(returned.into());
        items.push(Item { expression: whole, name: None, span: Place::default() });
    }
    let returns = Some(Return::Items(items));
    Query { unique: true, start, steps, filter: None, returns, order: Vec::new(), skip: None, limit: None }
}

/// A selector that asks for nothing but the type that an entity has, or would have.
fn unasked(key: &str, graph: &Graph, names: &mut Names) -> Selector {
    let alias = names.fresh("e");
    names.entities.push(alias.clone());
    let pattern = Pattern::Names(vec![graph.type_of(key).to_owned().into()]);
    Selector { pattern, marks: Vec::new(), filter: None, alias: Some(alias.into()), span: Place::default() }
}

fn steps(tape: &mut Tape, names: &mut Names, most: usize, may_branch: bool) -> Vec<Traversal> {
    let mut steps = Vec::new();
    for _ in 0..tape.below(most + 1) {
        if may_branch && tape.rarely(5) {
            let mut inner = vec![Traversal::Hop(Box::new(hop(tape, Some(names))))];
            if tape.rarely(3) {
                inner.push(Traversal::Hop(Box::new(hop(tape, Some(names)))));
            }
            let alias = tape.rarely(2).then(|| names.fresh("o"));
            names.entities.extend(alias.clone());
            let alias = alias.map(Spanned::from);
            steps.push(Traversal::Optional(Optional { steps: inner, alias, span: Place::default() }));
        } else if may_branch && tape.rarely(6) {
            let mut negated = hop(tape, None);
            negated.negated = true;
            steps.push(Traversal::Hop(Box::new(negated)));
            for _ in 0..tape.below(2) {
                let mut further = hop(tape, None);
                further.negated = tape.rarely(3);
                steps.push(Traversal::Hop(Box::new(further)));
            }
            return steps;
        } else {
            steps.push(Traversal::Hop(Box::new(hop(tape, Some(names)))));
        }
    }
    steps
}

fn hop(tape: &mut Tape, mut names: Option<&mut Names>) -> Hop {
    let verbs = match tape.below(3) {
        0 => Verbs::Any,
        1 => Verbs::Names(vec![(*tape.one(&VERBS)).to_owned().into()]),
        _ => {
            Verbs::Names(vec![(*tape.one(&VERBS)).to_owned().into(), tape.one(&VERBS).to_lowercase().into()])
        }
    };
    let direction =
        *tape.one(&[Direction::Either, Direction::Either, Direction::Forward, Direction::Backward]);
    let alias = names.as_mut().map(|it| it.fresh("r"));
    if let (Some(names), Some(alias)) = (names.as_mut(), &alias) {
        names.relationships.push(alias.clone());
    }
    let target = selector(tape, names);
    Hop { negated: false, verbs, direction, alias: alias.map(Spanned::from), target, span: Place::default() }
}

fn selector(tape: &mut Tape, names: Option<&mut Names>) -> Selector {
    let pattern = match tape.below(6) {
        0 | 1 => Pattern::Any,
        2 => Pattern::Names(vec![(*tape.one(&TYPES)).to_owned().into()]),
        3 => Pattern::Names(vec![(*tape.one(&CLASSES)).to_owned().into()]),
        4 => Pattern::Names(vec![
            (*tape.one(&CLASSES)).to_owned().into(),
            (*tape.one(&TYPES)).to_owned().into(),
        ]),
        _ => Pattern::Text((*tape.one(&["a", "B", "e1", "1.5"])).to_owned().into()),
    };
    let marks = if tape.rarely(12) { vec!["Production".to_owned().into()] } else { Vec::new() };
    let filter = if tape.rarely(3) { Some(condition(tape, None, 2)) } else { None };
    let alias = names.map(|names| {
        let alias = names.fresh("e");
        names.entities.push(alias.clone());
        alias.into()
    });
    Selector { pattern, marks, filter, alias, span: Place::default() }
}

fn condition(tape: &mut Tape, names: Option<&Names>, depth: usize) -> Condition {
    if depth > 0 && tape.rarely(3) {
        let parts = vec![condition(tape, names, depth - 1), condition(tape, names, depth - 1)];
        return if tape.below(2) == 0 { Condition::And(parts) } else { Condition::Or(parts) };
    }
    let left = property(tape, names);
    let operator = *tape.one(&Operator::ALL);
    let operand = match tape.below(4) {
        0 if names.is_some() => Operand::Property(property(tape, names)),
        1 => {
            let mut one = || List::Value(literal(tape, operator).into());
            let pair = vec![one(), one()];
            Operand::List(if tape.below(2) == 0 { List::Or(pair) } else { List::And(pair) })
        }
        _ => Operand::Value(literal(tape, operator).into()),
    };
    Condition::Compare(Comparison { property: left, operator: operator.into(), operand })
}

fn literal(tape: &mut Tape, operator: Operator) -> Literal {
    if operator.is_text() {
        return Literal::Text((*tape.one(&["a", "b", "ab", "", "A", "e1"])).to_owned());
    }
    if operator.is_order() {
        return match tape.below(5) {
            0 => Literal::Date(date(tape)),
            1 => Literal::Number((-1).into()),
            _ => Literal::Number(tape.below(4).into()),
        };
    }
    match tape.below(9) {
        0 | 1 => {
            Literal::Text((*tape.one(&["a", "b", "ab", "true", "aws_instance", "Host", "e1"])).to_owned())
        }
        2 | 3 => Literal::Number(tape.below(4).into()),
        4 => Literal::Number(serde_json::Number::from_f64(1.5).unwrap()),
        5 => Literal::Boolean(tape.below(2) == 0),
        6 => Literal::Undefined,
        7 => Literal::Null,
        _ => Literal::Date(date(tape)),
    }
}

fn date(tape: &mut Tape) -> Date {
    let base = if tape.below(2) == 0 {
        DateBase::Now
    } else {
        DateBase::At("2023-11-14T22:13:20Z".parse().unwrap())
    };
    let mut offsets = Vec::new();
    for _ in 0..tape.below(3) {
        let unit = *tape.one(&[Unit::Hour, Unit::Day, Unit::Month, Unit::Year]);
        let amount = i64::try_from(tape.below(7)).unwrap() - 3;
        offsets.push(Offset { amount, unit });
    }
    Date { base, offsets }
}

fn property(tape: &mut Tape, names: Option<&Names>) -> Property {
    let of_relationship = names.is_some_and(|it| !it.relationships.is_empty()) && tape.rarely(4);
    if let (Some(names), true) = (names, of_relationship) {
        let alias = tape.one(&names.relationships).clone();
        let name =
            *tape.one(&["p", "_class", "_type", "_key", "_fromEntityKey", "_toEntityKey", "_createdOn"]);
        return Property { alias: Some(alias.into()), name: name.to_owned().into() };
    }
    let name = match tape.below(4) {
        0 => format!("tag.{}", tape.one(&TAGS)),
        1 => {
            let envelope = [
                "_key",
                "_type",
                "_class",
                "name",
                "displayName",
                "_source",
                "_createdOn",
                "_beginOn",
                "_deleted",
            ];
            (*tape.one(&envelope)).to_owned()
        }
        _ => (*tape.one(&PROPERTIES)).to_owned(),
    };
    let alias = names.map(|it| tape.one(&it.entities).clone().into());
    Property { alias, name: name.into() }
}

fn items(tape: &mut Tape, names: &Names) -> Vec<Item> {
    let mut items = Vec::new();
    for at in 0..=tape.below(3) {
        let expression = match tape.below(8) {
            0 | 1 => Expression::Property(property(tape, Some(names))),
            2 => Expression::Alias(tape.one(&names.entities).clone().into()),
            3 if !names.relationships.is_empty() => {
                Expression::Alias(tape.one(&names.relationships).clone().into())
            }
            4 | 5 => aggregate(tape, names),
            6 => number(tape, names, 2),
            _ => row_function(tape, names),
        };
        let name = tape.rarely(2).then(|| format!("c {at}").into());
        items.push(Item { expression, name, span: Place::default() });
    }
    items
}

fn aggregate(tape: &mut Tape, names: &Names) -> Expression {
    use AggregateFunction::{Avg, Count, Max, Min, Sum};
    let function = *tape.one(&[Count, Count, Min, Max, Avg, Sum]);
    let argument = match tape.below(3) {
        0 if function == Count => Expression::Alias(tape.one(&names.entities).clone().into()),
        1 if function == Count && !names.relationships.is_empty() => {
            Expression::Alias(tape.one(&names.relationships).clone().into())
        }
        _ => Expression::Property(property(tape, Some(names))),
    };
    let distinct = tape.rarely(3);
    Expression::Aggregate(Aggregate { function: function.into(), distinct, argument: Box::new(argument) })
}

fn row_function(tape: &mut Tape, names: &Names) -> Expression {
    let function = *tape.one(&[Function::Concat, Function::Merge, Function::Coalesce]);
    let arguments = (0..=tape.below(3)).map(|_| match tape.below(3) {
        0 => Expression::Value(Literal::Text("a".to_owned()).into()),
        _ => Expression::Property(property(tape, Some(names))),
    });
    let arguments = arguments.collect();
    Expression::Call { function: function.into(), arguments }
}

/// Numbers; rounding only of what has no rounding error.
fn number(tape: &mut Tape, names: &Names, depth: usize) -> Expression {
    if depth == 0 || tape.rarely(3) {
        return match tape.below(3) {
            0 => Expression::Value(Literal::Number(tape.below(5).into()).into()),
            _ => Expression::Property(property(tape, Some(names))),
        };
    }
    match tape.below(8) {
        0 => Expression::Negate(Box::new(number(tape, names, depth - 1))),
        1 => {
            let function =
                *tape.one(&[Function::Abs, Function::Ceil, Function::Floor, Function::Round, Function::Sqrt]);
            let arguments = vec![Expression::Property(property(tape, Some(names)))];
            Expression::Call { function: function.into(), arguments }
        }
        _ => {
            use Arithmetic::{Add, Divide, Multiply, Power, Subtract};
            let operator = *tape.one(&[Add, Subtract, Multiply, Divide, Power]);
            let (left, right) = (number(tape, names, depth - 1), number(tape, names, depth - 1));
            Expression::Arithmetic { operator, left: Box::new(left), right: Box::new(right) }
        }
    }
}

fn has_figure(expression: &Expression) -> bool {
    matches!(expression, Expression::Aggregate(_))
}
