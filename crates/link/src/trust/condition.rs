//! What the condition of a statement asks for.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::statement::texts;

/// What stands in place of an external ID, which is a shared secret.
const REDACTED: &str = "<redacted>";

/// The condition of a statement; without any it is always met.
#[derive(Debug, Clone, Copy)]
pub(super) struct Condition<'a>(Option<&'a Value>);

impl<'a> Condition<'a> {
    pub(super) fn of(statement: &'a Value) -> Self {
        let given = statement.get("Condition").filter(|it| match it {
            Value::Null => false,
            Value::Object(operators) => !operators.is_empty(),
            _ => true,
        });
        Self(given)
    }

    /// Whether there is any.
    pub(super) fn is_there(self) -> bool {
        self.0.is_some()
    }

    /// The whole of it, without external IDs.
    pub(super) fn redacted(self) -> Option<Value> {
        let mut condition = self.0?.clone();
        for (operator, keys) in condition.as_object_mut().into_iter().flatten() {
            // `Null` asks whether an external ID is there at all; its value is `true` or `false`.
            if !operator.trim().eq_ignore_ascii_case("Null") {
                redact(keys);
            }
        }
        Some(condition)
    }

    /// The keys it asks for, as written.
    pub(super) fn keys(self) -> BTreeSet<&'a str> {
        self.asked().map(|(_, key, _)| key).collect()
    }

    /// Whether the caller has to give an external ID.
    pub(super) fn requires_external_id(self) -> bool {
        // Who gives none does not equal anything; a pattern may be met by everything.
        self.required("sts:ExternalId").any(|(operator, _)| operator.starts_with("stringequals"))
    }

    /// Whether the caller has to have signed in with a second factor.
    pub(super) fn requires_mfa(self) -> bool {
        self.required("aws:MultiFactorAuthPresent").any(|(operator, value)| {
            let mut values = elements(value);
            let is_true = |it: &Value| match it {
                Value::Bool(it) => *it,
                Value::String(it) => it.eq_ignore_ascii_case("true"),
                _ => false,
            };
            operator == "bool" && values.len() > 0 && values.all(is_true)
        })
    }

    /// The values that a key has to have one of, if that is so.
    pub(super) fn one_of(self, key: &str) -> Option<BTreeSet<&'a str>> {
        let demands = self.required(key).filter_map(|(operator, value)| {
            let values: BTreeSet<&str> = texts(value).collect();
            let is_pattern = |it: &&str| it.contains(['*', '?']);
            let is_exact = operator.starts_with("stringequals")
                || (operator == "stringlike" && !values.iter().any(is_pattern));
            (is_exact && !values.is_empty()).then_some(values)
        });
        demands.reduce(|one, other| one.intersection(&other).copied().collect())
    }

    /// Whether it may depend on who asks or where the request comes from.
    pub(super) fn may_tell_callers_apart(self) -> bool {
        let tells = |key: &str| {
            let key = key.to_ascii_lowercase();
            match key.split_once(':') {
                Some(("aws", name)) => ["principal", "source", "user"].iter().any(|it| name.starts_with(it)),
                Some((prefix, _)) => prefix != "sts",
                None => false,
            }
        };
        self.asked().any(|(_, key, _)| tells(key))
    }

    /// Operator, key and values, one by one.
    fn asked(self) -> impl Iterator<Item = (&'a str, &'a str, &'a Value)> {
        let operators = self.0.and_then(Value::as_object).into_iter().flatten();
        operators.flat_map(|(operator, keys)| {
            let keys = keys.as_object().into_iter().flat_map(Map::iter);
            keys.map(move |(key, value)| (operator.as_str(), key.trim(), value))
        })
    }

    /// The operators, in lower case, with what they compare the key with, that are not met where the key is missing.
    fn required(self, key: &str) -> impl Iterator<Item = (String, &'a Value)> {
        self.asked().filter(move |(_, asked, _)| asked.eq_ignore_ascii_case(key)).filter_map(
            |(operator, _, value)| {
                let operator = operator.trim().to_ascii_lowercase();
                let is_lenient = operator.starts_with("forallvalues:") || operator.ends_with("ifexists");
                let operator = operator.strip_prefix("foranyvalue:").unwrap_or(&operator).to_owned();
                (!is_lenient).then_some((operator, value))
            },
        )
    }
}

fn redact(keys: &mut Value) {
    for (key, value) in keys.as_object_mut().into_iter().flatten() {
        if !key.trim().eq_ignore_ascii_case("sts:ExternalId") {
            continue;
        }
        match value {
            Value::Array(values) => values.fill(Value::from(REDACTED)),
            value => *value = Value::from(REDACTED),
        }
    }
}

fn elements(value: &Value) -> std::slice::Iter<'_, Value> {
    match value {
        Value::Array(several) => several.iter(),
        one => std::slice::from_ref(one).iter(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn with(condition: &Value) -> Value {
        json!({"Condition": condition})
    }

    #[test]
    fn an_external_id_is_required_where_the_caller_must_equal_it() {
        let check = |condition: Value, expected: bool| {
            assert_eq!(Condition::of(&with(&condition)).requires_external_id(), expected, "{condition}");
        };

        check(json!({"StringEquals": {"sts:ExternalId": "x"}}), true);
        check(json!({"stringequalsignorecase": {"STS:externalID": ["x", "y"]}}), true);
        check(json!({"ForAnyValue:StringEquals": {"sts:ExternalId": "x"}}), true);
        check(json!({"StringEqualsIfExists": {"sts:ExternalId": "x"}}), false);
        check(json!({"ForAllValues:StringEquals": {"sts:ExternalId": "x"}}), false);
        check(json!({"StringLike": {"sts:ExternalId": "*"}}), false);
        check(json!({"StringNotEquals": {"sts:ExternalId": "x"}}), false);
        check(json!({"Null": {"sts:ExternalId": "false"}}), false);
        check(json!({}), false);
    }

    #[test]
    fn a_second_factor_is_required_where_it_must_be_present() {
        let check = |condition: Value, expected: bool| {
            assert_eq!(Condition::of(&with(&condition)).requires_mfa(), expected, "{condition}");
        };

        check(json!({"Bool": {"aws:MultiFactorAuthPresent": "true"}}), true);
        check(json!({"bool": {"AWS:multifactorauthpresent": true}}), true);
        check(json!({"Bool": {"aws:MultiFactorAuthPresent": ["true"]}}), true);
        check(json!({"Bool": {"aws:MultiFactorAuthPresent": ["true", "false"]}}), false);
        check(json!({"Bool": {"aws:MultiFactorAuthPresent": []}}), false);
        check(json!({"Bool": {"aws:MultiFactorAuthPresent": "false"}}), false);
        // Without a session there is no such key, and the condition is met.
        check(json!({"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}}), false);
    }

    #[test]
    fn values_count_where_the_key_must_have_one_of_them() {
        let check = |condition: Value, expected: Option<&[&str]>| {
            let statement = with(&condition);
            let found = Condition::of(&statement).one_of("aws:PrincipalOrgID");
            assert_eq!(found, expected.map(|it| it.iter().copied().collect()), "{condition}");
        };

        check(json!({"StringEquals": {"aws:PrincipalOrgID": "o-1"}}), Some(&["o-1"]));
        check(json!({"StringLike": {"aws:principalorgid": ["o-2", "o-1"]}}), Some(&["o-1", "o-2"]));
        check(json!({"StringLike": {"aws:PrincipalOrgID": "o-*"}}), None);
        check(json!({"StringNotEquals": {"aws:PrincipalOrgID": "o-1"}}), None);
        check(json!({"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-1"}}), None);
        let both = json!({
            "StringEquals": {"aws:PrincipalOrgID": ["o-1", "o-2"]}, "StringLike": {"aws:PrincipalOrgID": ["o-2", "o-3"]}
        });
        check(both, Some(&["o-2"]));
    }

    #[test]
    fn a_condition_is_shown_without_external_ids() {
        let condition = json!({
            "StringEquals": {"sts:ExternalId": "secret-1", "aws:PrincipalOrgID": "o-1"},
            "ForAnyValue:StringLike": {"STS:externalid ": ["secret-2", "secret-3"]},
            "Null": {"sts:ExternalId": "false"}
        });

        let statement = with(&condition);
        let read = Condition::of(&statement);
        let shown = read.redacted().unwrap();

        assert!(!shown.to_string().contains("secret"), "{shown}");
        assert_eq!(shown["StringEquals"], json!({"sts:ExternalId": REDACTED, "aws:PrincipalOrgID": "o-1"}));
        assert_eq!(shown["Null"]["sts:ExternalId"], "false");
        assert!(read.keys().into_iter().eq(["STS:externalid", "aws:PrincipalOrgID", "sts:ExternalId"]));
        for none in [json!({}), Value::Null] {
            let statement = with(&none);
            assert!(!Condition::of(&statement).is_there() && Condition::of(&statement).redacted().is_none());
        }
    }
}
