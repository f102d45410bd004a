//! A policy document as its statements. What cannot be read as a statement is left out.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::action::ActionPattern;
use super::resource::ResourcePattern;

/// What stands in place of an external ID, which is a shared secret.
const REDACTED: &str = "<redacted>";

/// A statement, with what is the same for all its uses.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Statement {
    pub(super) effect: Effect,
    /// What it is called in the document.
    pub(super) sid: Option<String>,
    pub(super) actions: Named<ActionPattern>,
    pub(super) resources: Named<ResourcePattern>,
    /// Under which conditions it applies; none if always.
    pub(super) condition: Option<Value>,
}

/// What a statement does with what it speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    Allow,
    Deny,
}

/// What a statement names: these, or everything but these.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Named<T> {
    These(Vec<T>),
    AllBut(Vec<T>),
}

impl<T> Named<T> {
    /// The patterns as they are listed.
    pub(super) fn listed(&self) -> &[T] {
        match self {
            Self::These(listed) | Self::AllBut(listed) => listed,
        }
    }

    /// Whether everything but the listed patterns is meant.
    pub(super) fn is_all_but(&self) -> bool {
        matches!(self, Self::AllBut(_))
    }
}

/// The statements of a document, which may have only one and not in a list.
pub(super) fn statements(document: &Value) -> Vec<Statement> {
    list(document.get("Statement")).filter_map(statement).collect()
}

fn statement(value: &Value) -> Option<Statement> {
    let effect = match value.get("Effect")?.as_str()? {
        "Allow" => Effect::Allow,
        "Deny" => Effect::Deny,
        _ => return None,
    };
    let actions = named(value, "Action", "NotAction", ActionPattern::read)?;
    let resources = named(value, "Resource", "NotResource", |it| Some(ResourcePattern::read(it)))?;
    let sid = value.get("Sid").and_then(Value::as_str).filter(|it| !it.is_empty()).map(str::to_owned);
    let condition = value.get("Condition").filter(|it| !is_empty(it)).cloned().map(without_secrets);
    Some(Statement { effect, sid, actions, resources, condition })
}

fn named<T>(value: &Value, these: &str, all_but: &str, read: fn(&str) -> Option<T>) -> Option<Named<T>> {
    let texts = |member: &str| {
        let member = value.get(member)?;
        Some(list(Some(member)).filter_map(Value::as_str).filter_map(read).collect())
    };
    texts(these).map(Named::These).or_else(|| texts(all_but).map(Named::AllBut))
}

/// The members of a list, or the one value that is not in a list.
fn list(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    let several = match value {
        Some(Value::Array(several)) => several.as_slice(),
        Some(one) => std::slice::from_ref(one),
        None => &[],
    };
    several.iter()
}

fn is_empty(condition: &Value) -> bool {
    match condition {
        Value::Null => true,
        Value::Object(operators) => operators.is_empty(),
        _ => false,
    }
}

/// The condition without the values of external IDs.
fn without_secrets(mut condition: Value) -> Value {
    let operators = condition.as_object_mut().into_iter().flatten();
    // `Null` asks whether there is an external ID; its value is `true` or `false`.
    for (_, keys) in operators.filter(|(operator, _)| !operator.eq_ignore_ascii_case("Null")) {
        let secrets = keys.as_object_mut().into_iter().flatten();
        for (_, value) in secrets.filter(|(key, _)| key.trim().eq_ignore_ascii_case("sts:ExternalId")) {
            match value {
                Value::Array(values) => values.fill(Value::from(REDACTED)),
                value => *value = Value::from(REDACTED),
            }
        }
    }
    condition
}

/// The keys that a condition asks for, as written.
pub(super) fn condition_keys(condition: &Value) -> BTreeSet<&str> {
    let operators = condition.as_object().into_iter().flat_map(Map::values);
    let keys = operators.filter_map(Value::as_object).flat_map(Map::keys);
    keys.map(String::as_str).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn one_and_many_are_read_the_same() {
        let one = json!({"Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}});
        let many = json!({"Statement": [{"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": ["*"]}]});

        assert_eq!(statements(&one).len(), 1);
        assert_eq!(statements(&one), statements(&many));
    }

    #[test]
    fn what_is_no_statement_is_left_out() {
        let check = |document: Value, expected: usize| {
            assert_eq!(statements(&document).len(), expected, "{document}");
        };
        let good = json!({"Effect": "Deny", "NotAction": [], "NotResource": "x"});

        check(json!({}), 0);
        check(json!(null), 0);
        check(json!({"Statement": "Allow"}), 0);
        check(json!({"Statement": [good, {"Effect": "allow", "Action": "*", "Resource": "*"}]}), 1);
        check(json!({"Statement": [good, {"Effect": "Allow", "Action": "*"}]}), 1);
        check(json!({"Statement": [good, {"Effect": "Allow", "Resource": "*"}, 7, null]}), 1);
    }

    #[test]
    fn what_is_named_may_be_everything_but_a_list() {
        let statement = &statements(&json!({"Statement": {
            "Sid": "", "Effect": "Allow", "NotAction": ["iam:*", 7], "NotResource": "arn:aws:s3:::b", "Condition": {}
        }}))[0];

        assert!(statement.actions.is_all_but() && statement.resources.is_all_but());
        assert_eq!(statement.actions.listed().len(), 1);
        assert_eq!((&statement.sid, &statement.condition), (&None, &None));
    }

    #[test]
    fn external_ids_are_not_repeated() {
        let statement = &statements(&json!({"Statement": {
            "Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*", "Condition": {
                "StringEquals": {"STS:ExternalID": ["secret-1", "secret-2"], "aws:PrincipalOrgID": "o-1"},
                "StringLike": {"sts:ExternalId": "secret-3"},
                "Null": {"sts:ExternalId": "false"},
            }
        }}))[0];
        let condition = statement.condition.as_ref().unwrap();

        assert!(!condition.to_string().contains("secret"), "{condition}");
        assert_eq!(condition["Null"]["sts:ExternalId"], "false");
        assert_eq!(condition["StringEquals"]["aws:PrincipalOrgID"], "o-1");
        let keys: Vec<&str> = condition_keys(condition).into_iter().collect();
        assert_eq!(keys, ["STS:ExternalID", "aws:PrincipalOrgID", "sts:ExternalId"]);
    }
}
