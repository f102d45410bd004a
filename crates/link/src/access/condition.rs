//! The condition of a statement: operators over keys of the request, each of which may have values, be known to be
//! absent, or not be known.

use serde_json::Value;

use super::Tri;
use super::compare::{self, Comparison};
use super::context::{Context, Found, need};
use super::need::Need;
use super::template::{Filled, Template, Variables, Wildcards};

/// What stands in place of a value that is a secret, and is therefore not known.
const REDACTED: &str = "<redacted>";

/// One operator over one key.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Condition {
    key: String,
    test: Test,
    /// What the key is compared with; `None` for a value that is not known.
    operands: Vec<Option<Template>>,
}

#[derive(Debug, Clone, PartialEq)]
enum Test {
    /// Whether the request lacks the key.
    IsAbsent,
    Compares {
        comparison: Comparison,
        is_negated: bool,
        over: Over,
        passes_absent: bool,
    },
    /// An operator that is not known here.
    Unreadable(String),
}

/// How several values of a key are taken together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Over {
    /// There should be only one.
    One,
    All,
    Any,
}

/// The conditions of a statement, all of which have to be met.
pub(super) fn conditions(statement: &Value, variables: Variables) -> Vec<Condition> {
    let mut conditions = Vec::new();
    match statement.get("Condition") {
        None | Some(Value::Null) => {}
        Some(Value::Object(operators)) => {
            for (operator, keys) in operators {
                let test = Test::read(operator);
                match keys.as_object() {
                    Some(keys) => conditions.extend(keys.iter().map(|(key, operands)| {
                        let key = key.trim().to_owned();
                        Condition {
                            key,
                            operands: read_operands(operands, &test, variables),
                            test: test.clone(),
                        }
                    })),
                    None => conditions.push(Condition::unreadable(operator)),
                }
            }
        }
        Some(_) => conditions.push(Condition::unreadable("Condition")),
    }
    conditions
}

impl Test {
    fn read(operator: &str) -> Self {
        let lower = operator.trim().to_ascii_lowercase();
        if lower == "null" {
            return Self::IsAbsent;
        }
        let (over, rest) = match lower.split_once(':') {
            Some(("forallvalues", rest)) => (Over::All, rest),
            Some(("foranyvalue", rest)) => (Over::Any, rest),
            Some(_) => return Self::Unreadable(operator.to_owned()),
            None => (Over::One, lower.as_str()),
        };
        let (rest, passes_absent) = rest.strip_suffix("ifexists").map_or((rest, false), |it| (it, true));
        match Comparison::read(rest) {
            Some((comparison, is_negated)) => Self::Compares { comparison, is_negated, over, passes_absent },
            None => Self::Unreadable(operator.to_owned()),
        }
    }
}

fn read_operands(operands: &Value, test: &Test, variables: Variables) -> Vec<Option<Template>> {
    let several = match operands {
        Value::Array(several) => several.as_slice(),
        one => std::slice::from_ref(one),
    };
    let (wildcards, variables) = match test {
        Test::Compares { comparison, .. } => {
            (comparison.wildcards(), if comparison.has_variables() { variables } else { Variables::Plain })
        }
        _ => (Wildcards::Plain, Variables::Plain),
    };
    let written = |it: &Value| it.as_str().map_or_else(|| it.to_string(), str::to_owned);
    let read = |it: String| (it != REDACTED).then(|| Template::read(&it, variables, wildcards));
    several.iter().map(written).map(read).collect()
}

/// What would have to be known where a variable has no value.
pub(super) fn void(written: &str) -> Need {
    Need::Statement(format!("what AWS makes of {written}, of which a variable has no value"))
}

impl Condition {
    fn unreadable(what: &str) -> Self {
        Self { key: String::new(), test: Test::Unreadable(what.to_owned()), operands: Vec::new() }
    }

    /// Whether the request meets it.
    pub(super) fn is_met(&self, context: &Context, needs: &mut Vec<Need>) -> Tri {
        match &self.test {
            Test::Unreadable(operator) => {
                needs.push(Need::Statement(format!("what the operator {operator} of a condition means")));
                Tri::Unknown
            }
            Test::IsAbsent => self.is_absent(context, needs),
            Test::Compares { comparison, is_negated, over, passes_absent } => {
                match context.find(&self.key) {
                    Found::Unknown => {
                        needs.push(need(&self.key));
                        Tri::Unknown
                    }
                    Found::Values([]) | Found::Absent => match over {
                        _ if *passes_absent => Tri::Yes,
                        Over::All => Tri::Yes,
                        Over::Any => Tri::No,
                        Over::One => (*is_negated).into(),
                    },
                    Found::Values(values) => {
                        let one = |value: &String| {
                            let is = self.is_any(*comparison, value, context, needs);
                            if !is_negated {
                                return is;
                            }
                            // Without a value for a variable, what is not equal to it is anybody's guess.
                            match self.void_operand(context) {
                                Some(written) if is == Tri::No => {
                                    needs.push(void(written));
                                    Tri::Unknown
                                }
                                _ => is.not(),
                            }
                        };
                        match over {
                            Over::One if values.len() > 1 => {
                                needs.push(Need::Statement(format!(
                                    "how AWS compares the several values of {} without a set operator",
                                    self.key
                                )));
                                Tri::Unknown
                            }
                            Over::One | Over::All => Tri::all(values.iter().map(one)),
                            Over::Any => Tri::any(values.iter().map(one)),
                        }
                    }
                }
            }
        }
    }

    fn is_absent(&self, context: &Context, needs: &mut Vec<Need>) -> Tri {
        let is_absent = match context.find(&self.key) {
            Found::Unknown => {
                needs.push(need(&self.key));
                return Tri::Unknown;
            }
            Found::Values([]) | Found::Absent => true,
            Found::Values(_) => false,
        };
        let asked = |it: &Option<Template>| {
            let written = it.as_ref().map(|it| it.written.trim().to_ascii_lowercase());
            match written.as_deref() {
                Some("true") => is_absent,
                Some("false") => !is_absent,
                _ => false,
            }
        };
        self.operands.iter().any(asked).into()
    }

    /// An operand with a variable that has no value.
    fn void_operand(&self, context: &Context) -> Option<&str> {
        let mut operands = self.operands.iter().flatten().filter(|it| it.fixed().is_none());
        operands.find(|it| it.fill(context) == Filled::Void).map(|it| it.written.as_str())
    }

    /// Whether a value is one of the operands, by this comparison.
    fn is_any(&self, comparison: Comparison, value: &str, context: &Context, needs: &mut Vec<Need>) -> Tri {
        let mut open = Vec::new();
        let each = self.operands.iter().map(|operand| {
            if let Some(operand) = operand {
                return compare::compare(comparison, value, operand, context, &mut open);
            }
            let what =
                format!("the value that {} is compared with, which is a secret and not kept", self.key);
            open.push(Need::Fact(what));
            Tri::Unknown
        });
        let is = Tri::any(each);
        if is == Tri::Unknown {
            needs.append(&mut open);
        }
        is
    }
}
