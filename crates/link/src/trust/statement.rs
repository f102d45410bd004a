//! The statements of a trust policy.

use serde_json::Value;

use super::condition::Condition;
use super::principal::{Principal, principals};

/// A statement that concerns who may assume the role.
#[derive(Debug)]
pub(super) struct Statement<'a> {
    pub is_allow: bool,
    /// Whom it concerns.
    pub principals: Concerned<'a>,
    /// The actions as written; of a statement that names exceptions, `*`.
    pub actions: Vec<&'a str>,
    /// The actions that a statement with exceptions excepts.
    pub not_actions: Vec<&'a str>,
    /// In which ways it lets assume, or forbids to.
    pub ways: Ways,
    pub condition: Condition<'a>,
}

/// Whom a statement concerns.
#[derive(Debug)]
pub(super) enum Concerned<'a> {
    /// Those it names.
    Only(Vec<Principal<'a>>),
    /// All but those it names: as principals where they can be read as such, and as written.
    AllBut { read: Vec<Option<Principal<'a>>>, written: Vec<&'a str> },
}

/// The ways to assume a role.
const ASSUME: [&str; 3] = ["sts:AssumeRole", "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity"];

/// Some of the ways to assume a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Ways([bool; ASSUME.len()]);

impl Ways {
    pub(super) const ROLE: Self = Self([true, false, false]);
    pub(super) const SAML: Self = Self([false, true, false]);
    pub(super) const WEB: Self = Self([false, false, true]);
    pub(super) const ALL: Self = Self([true; ASSUME.len()]);

    /// The ways that an action, or a pattern of actions, stands for.
    pub(super) fn of(action: &str) -> Self {
        Self(ASSUME.map(|it| matches(action, it)))
    }

    pub(super) fn is_empty(self) -> bool {
        self == Self::default()
    }

    pub(super) fn and(self, other: Self) -> Self {
        Self(std::array::from_fn(|at| self.0[at] && other.0[at]))
    }

    pub(super) fn or(self, other: Self) -> Self {
        Self(std::array::from_fn(|at| self.0[at] || other.0[at]))
    }

    pub(super) fn without(self, other: Self) -> Self {
        Self(std::array::from_fn(|at| self.0[at] && !other.0[at]))
    }

    fn of_all(actions: &[&str]) -> Self {
        actions.iter().fold(Self::default(), |ways, it| ways.or(Self::of(it)))
    }
}

/// The statements that let somebody assume the role, or forbid it; `partition` is that of the role's ARN.
pub(super) fn statements<'a>(policy: &'a Value, partition: &'a str) -> Vec<Statement<'a>> {
    elements(&policy["Statement"]).filter_map(|it| statement(it, partition)).collect()
}

fn statement<'a>(statement: &'a Value, partition: &'a str) -> Option<Statement<'a>> {
    let is_allow = match statement["Effect"].as_str()? {
        "Allow" => true,
        "Deny" => false,
        _ => return None,
    };
    let principals = if statement.get("NotPrincipal").is_some() {
        let (written, read) = principals(&statement["NotPrincipal"], partition).into_iter().unzip();
        Concerned::AllBut { read, written }
    } else {
        let read = principals(&statement["Principal"], partition);
        Concerned::Only(read.into_iter().filter_map(|(_, it)| it).collect())
    };
    let named: Vec<&str> = texts(&statement["Action"]).collect();
    let not_actions: Vec<&str> = texts(&statement["NotAction"]).collect();
    let has_exceptions = statement.get("NotAction").is_some();
    let (actions, ways) = if has_exceptions {
        (vec!["*"], Ways::ALL.without(Ways::of_all(&not_actions)))
    } else {
        let ways = Ways::of_all(&named);
        (named, ways)
    };
    let condition = Condition::of(statement);
    (!ways.is_empty()).then_some(Statement { is_allow, principals, actions, not_actions, ways, condition })
}

fn elements(value: &Value) -> std::slice::Iter<'_, Value> {
    match value {
        Value::Array(several) => several.iter(),
        one => std::slice::from_ref(one).iter(),
    }
}

/// The texts of a value that is a text or a list of them.
pub(super) fn texts(value: &Value) -> impl Iterator<Item = &str> {
    elements(value).filter_map(Value::as_str)
}

/// Whether a pattern of actions, in which `*` is any run and `?` one character, stands for an action. Case does not
/// matter.
fn matches(pattern: &str, action: &str) -> bool {
    let (pattern, action) = (pattern.as_bytes(), action.as_bytes());
    let (mut at, mut from) = (0, 0);
    // Where to go on when what follows the last `*` does not fit.
    let mut again = None;
    while from < action.len() {
        match pattern.get(at) {
            Some(b'*') => {
                again = Some((at + 1, from + 1));
                at += 1;
            }
            Some(it) if *it == b'?' || it.eq_ignore_ascii_case(&action[from]) => {
                at += 1;
                from += 1;
            }
            _ => match again {
                Some((after, next)) => {
                    again = Some((after, next + 1));
                    (at, from) = (after, next);
                }
                None => return false,
            },
        }
    }
    pattern[at..].iter().all(|it| *it == b'*')
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_action_stands_for_the_ways_it_matches() {
        let check = |action: &str, expected: Ways| assert_eq!(Ways::of(action), expected, "{action}");

        check("sts:AssumeRole", Ways::ROLE);
        check("STS:assumerole", Ways::ROLE);
        check("sts:AssumeRoleWithSAML", Ways::SAML);
        check("sts:AssumeRole*", Ways::ALL);
        check("sts:*", Ways::ALL);
        check("*", Ways::ALL);
        check("*:*Identity", Ways::WEB);
        check("sts:AssumeRoleWith????", Ways::SAML);
        check("sts:Assume?ole", Ways::ROLE);
        check("sts:TagSession", Ways::default());
        check("sts:SetSourceIdentity", Ways::default());
        check("iam:*", Ways::default());
        check("", Ways::default());
    }

    #[test]
    fn only_what_lets_assume_or_forbids_it_counts() {
        let count = |policy: &Value| statements(policy, "aws").len();
        let statement = |action: &str| json!({"Effect": "Allow", "Principal": "*", "Action": action});

        assert_eq!(count(&json!({"Statement": statement("sts:AssumeRole")})), 1);
        assert_eq!(count(&json!({"Statement": [statement("sts:*"), statement("sts:TagSession")]})), 1);
        let except =
            |not: Value| json!({"Statement": {"Effect": "Allow", "Principal": "*", "NotAction": not}});
        assert_eq!(count(&except(json!("sts:AssumeRole"))), 1);
        assert_eq!(count(&except(json!(["sts:Assume*"]))), 0);
        assert_eq!(count(&json!({})), 0);
        assert_eq!(count(&json!({"Statement": "no"})), 0);
        assert_eq!(count(&json!({"Statement": [{"Effect": "Maybe", "Principal": "*", "Action": "*"}]})), 0);
    }
}
