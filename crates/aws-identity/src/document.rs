//! Policy documents: read once, free of external IDs, with the few facts that queries ask for.
//!
//! What a document allows on which resource is not decided here.

use std::collections::BTreeSet;

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

/// What stands in place of an external ID, which is a shared secret.
const REDACTED: &str = "<redacted>";

/// A policy document that could be read. External IDs are replaced.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Document(Value);

/// Why a document could not be read. Says where, and never what stood there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum DocumentError {
    /// The percent-encoded text is not UTF-8.
    #[error("the document is not UTF-8")]
    NotUtf8,
    /// The text is not JSON.
    #[error("the document is not JSON: line {line}, column {column}")]
    NotJson { line: usize, column: usize },
    /// The JSON is not an object.
    #[error("the document is not a JSON object")]
    NotAnObject,
}

impl Document {
    /// Reads a document as IAM sends it, percent-encoded, or as Organizations does, which is plain JSON.
    pub(crate) fn read(text: &str) -> Result<Self, DocumentError> {
        let text = text.trim();
        let decoded = if text.starts_with('{') {
            text.into()
        } else {
            let decoded = percent_decode_str(text).decode_utf8();
            decoded.map_err(|_| DocumentError::NotUtf8)?
        };
        let mut value: Value = serde_json::from_str(&decoded)
            .map_err(|error| DocumentError::NotJson { line: error.line(), column: error.column() })?;
        if !value.is_object() {
            return Err(DocumentError::NotAnObject);
        }
        if let Some(statements) = value.get_mut("Statement") {
            match statements {
                Value::Array(statements) => statements.iter_mut().for_each(redact_statement),
                statement => redact_statement(statement),
            }
        }
        Ok(Self(value))
    }

    /// The document as it is stored.
    pub(crate) fn value(&self) -> &Value {
        &self.0
    }

    /// How many statements it has.
    pub(crate) fn statement_count(&self) -> usize {
        self.statements().len()
    }

    /// Whether it allows every action on every resource without a condition, and does not take that back.
    pub(crate) fn is_admin(&self) -> bool {
        let everything = |effect: &str| {
            self.statements().iter().any(|it| {
                it["Effect"] == effect
                    && texts(&it["Action"]).any(is_every_action)
                    && texts(&it["Resource"]).any(is_every_resource)
                    && !has_condition(it)
            })
        };
        everything("Allow") && !everything("Deny")
    }

    /// Every action that an Allow statement names, as written.
    pub(crate) fn actions(&self) -> Vec<String> {
        let allowed = self.statements().iter().filter(|it| it["Effect"] == "Allow");
        let mut actions: Vec<String> =
            allowed.flat_map(|it| texts(&it["Action"]).map(str::to_owned)).collect();
        actions.sort_unstable();
        actions.dedup();
        actions
    }

    /// How many principals that its Allow statements name are gone. In place of the ARN of such a one, IAM shows the
    /// unique ID that it had, which is never used again.
    pub(crate) fn orphaned_principals(&self) -> usize {
        let allowed = self.statements().iter().filter(|it| it["Effect"] == "Allow");
        let named = allowed.flat_map(|it| texts(&it["Principal"]["AWS"]));
        // After the ID of a role may come the name of a session.
        let ids = named.map(|it| it.split_once(':').map_or(it, |(id, _)| id)).filter(|it| is_unique_id(it));
        ids.collect::<BTreeSet<_>>().len()
    }

    /// Each statement in one line, for a person. Conditions are named without their values.
    pub(crate) fn rules(&self) -> Vec<String> {
        self.statements().iter().map(rule).collect()
    }

    fn statements(&self) -> &[Value] {
        match self.0.get("Statement") {
            Some(Value::Array(statements)) => statements,
            Some(statement) => std::slice::from_ref(statement),
            None => &[],
        }
    }
}

/// Whether any of several documents is an administrator's, where `None` is one that could not be read: unknown unless
/// another one is.
pub(crate) fn any_admin(documents: impl IntoIterator<Item = Option<bool>>) -> Option<bool> {
    let mut any = Some(false);
    for admin in documents {
        match admin {
            Some(true) => return Some(true),
            Some(false) => {}
            None => any = None,
        }
    }
    any
}

fn texts(value: &Value) -> impl Iterator<Item = &str> {
    let several = match value {
        Value::Array(several) => several.as_slice(),
        one => std::slice::from_ref(one),
    };
    several.iter().filter_map(Value::as_str)
}

/// Whether a text reads as the unique ID of a user or role, such as `AROA…`.
fn is_unique_id(text: &str) -> bool {
    text.len() >= 16
        && text.starts_with('A')
        && text.bytes().all(|it| it.is_ascii_uppercase() || it.is_ascii_digit())
}

fn is_all_stars(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|it| it == b'*')
}

fn is_every_action(action: &str) -> bool {
    is_all_stars(action)
        || action.split_once(':').is_some_and(|(service, verb)| is_all_stars(service) && is_all_stars(verb))
}

fn is_every_resource(resource: &str) -> bool {
    let is_open_arn = || {
        let segments = resource.strip_prefix("arn:").map(|it| it.splitn(5, ':'));
        segments.is_some_and(|it| it.clone().count() == 5 && it.clone().all(is_all_stars))
    };
    is_all_stars(resource) || is_open_arn()
}

fn has_condition(statement: &Value) -> bool {
    match &statement["Condition"] {
        Value::Null => false,
        Value::Object(operators) => !operators.is_empty(),
        _ => true,
    }
}

fn rule(statement: &Value) -> String {
    let mut words = vec![statement["Effect"].as_str().unwrap_or("(no effect)").to_owned()];
    let mut named = |before: &str, member: &str| {
        let values: Vec<&str> = texts(&statement[member]).collect();
        if !values.is_empty() {
            words.push(format!("{before}{}", values.join(", ")));
        }
    };
    named("", "Action");
    named("everything but ", "NotAction");
    named("on ", "Resource");
    named("on everything but ", "NotResource");
    let conditions: Vec<String> = statement["Condition"]
        .as_object()
        .into_iter()
        .flatten()
        .filter_map(|(operator, keys)| Some((operator, keys.as_object()?)))
        .flat_map(|(operator, keys)| keys.keys().map(move |key| format!("{operator} {key}")))
        .collect();
    if !conditions.is_empty() {
        words.push(format!("if {}", conditions.join(", ")));
    }
    words.join(" ")
}

fn redact_statement(statement: &mut Value) {
    let Some(operators) = statement.get_mut("Condition").and_then(Value::as_object_mut) else {
        return;
    };
    for (operator, keys) in operators {
        // `Null` asks whether an external ID is there at all; its value is `true` or `false`.
        if !operator.eq_ignore_ascii_case("Null")
            && let Some(keys) = keys.as_object_mut()
        {
            redact_keys(keys);
        }
    }
}

fn redact_keys(keys: &mut Map<String, Value>) {
    for (key, value) in keys {
        if !key.trim().eq_ignore_ascii_case("sts:ExternalId") {
            continue;
        }
        match value {
            Value::Array(values) => values.fill(Value::from(REDACTED)),
            value => *value = Value::from(REDACTED),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn statements(statements: &Value) -> Document {
        Document::read(&json!({ "Statement": statements }).to_string()).unwrap()
    }

    #[test]
    fn both_spellings_of_a_document_are_read() {
        let plain = Document::read(r#"{"Statement":[{"Resource":"arn:aws:s3:::b/a%20b"}]}"#).unwrap();
        let encoded =
            Document::read("%7B%22Statement%22%3A%5B%7B%22Resource%22%3A%22a+b%20c%22%7D%5D%7D").unwrap();

        assert_eq!(plain.value()["Statement"][0]["Resource"], "arn:aws:s3:::b/a%20b");
        assert_eq!(encoded.value()["Statement"][0]["Resource"], "a+b c");
    }

    #[test]
    fn a_document_that_cannot_be_read_is_never_quoted() {
        let check = |text: &str, expected: DocumentError| {
            let error = Document::read(text).unwrap_err();
            assert_eq!(error, expected);
            assert!(!error.to_string().contains("secret"), "{error}");
        };

        check("{\"secret\": x}", DocumentError::NotJson { line: 1, column: 12 });
        check("%5B%22secret%22%5D", DocumentError::NotAnObject);
        check("%FFsecret", DocumentError::NotUtf8);
    }

    #[test]
    fn external_ids_are_redacted_wherever_they_stand() {
        let document = statements(&json!([
            { "Condition": { "StringEquals": { "sts:ExternalId": "secret-1", "aws:PrincipalOrgID": "o-1" } } },
            { "Condition": { "ForAnyValue:StringLike": { "STS:externalid": ["secret-2", "secret-3"] } } },
            { "Condition": { "Null": { "sts:ExternalId": "false" } } },
        ]));
        let single =
            statements(&json!({ "Condition": { "StringEquals": { "sts:ExternalId": "secret-4" } } }));

        let stored = format!("{}{}{document:?}{:?}", document.value(), single.value(), single.rules());

        assert!(!stored.contains("secret"), "{stored}");
        assert!(stored.contains("o-1"), "{stored}");
        assert_eq!(
            document.value()["Statement"][1]["Condition"]["ForAnyValue:StringLike"]["STS:externalid"][1],
            REDACTED
        );
        assert_eq!(document.value()["Statement"][2]["Condition"]["Null"]["sts:ExternalId"], "false");
    }

    #[test]
    fn an_administrator_may_do_everything_to_everything() {
        let check = |given: Value, expected: bool| {
            assert_eq!(statements(&given).is_admin(), expected, "{given}");
        };

        check(json!({ "Effect": "Allow", "Action": "*", "Resource": "*" }), true);
        check(json!([{ "Effect": "Allow", "Action": ["a:b", "*:*"], "Resource": ["x", "**"] }]), true);
        check(json!([{ "Effect": "Allow", "Action": "*", "Resource": "arn:*:*:*:*:*" }]), true);
        check(json!([{ "Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {} }]), true);
        check(json!([{ "Effect": "Allow", "Action": "s3:*", "Resource": "*" }]), false);
        check(json!([{ "Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3:::*" }]), false);
        check(json!([{ "Effect": "Allow", "NotAction": "iam:*", "Resource": "*" }]), false);
        check(json!([{ "Effect": "Deny", "Action": "*", "Resource": "*" }]), false);
        let condition = json!({ "Bool": { "aws:MultiFactorAuthPresent": "true" } });
        check(json!([{ "Effect": "Allow", "Action": "*", "Resource": "*", "Condition": condition }]), false);
        let allow = json!({ "Effect": "Allow", "Action": "*", "Resource": "*" });
        check(json!([allow, { "Effect": "Deny", "Action": "*", "Resource": "*" }]), false);
        check(json!([allow, { "Effect": "Deny", "Action": "s3:*", "Resource": "*" }]), true);
        check(
            json!([allow, { "Effect": "Deny", "Action": "*", "Resource": "*", "Condition": condition }]),
            true,
        );
    }

    #[test]
    fn one_unread_document_leaves_the_answer_open() {
        assert_eq!(any_admin([]), Some(false));
        assert_eq!(any_admin([Some(false), None]), None);
        assert_eq!(any_admin([None, Some(true)]), Some(true));
    }

    #[test]
    fn principals_that_are_gone_are_counted_once() {
        let check = |principals: Value, expected: usize| {
            let allowed = statements(&json!([
                { "Effect": "Allow", "Principal": principals, "Action": "sts:AssumeRole" },
                { "Effect": "Deny", "Principal": { "AWS": "AIDADENIEDDENIED1" }, "Action": "sts:AssumeRole" },
            ]));
            assert_eq!(allowed.orphaned_principals(), expected, "{principals}");
        };

        check(json!("*"), 0);
        check(json!({ "AWS": "*", "Service": "ec2.amazonaws.com" }), 0);
        check(json!({ "AWS": ["111111111111", "arn:aws:iam::111111111111:role/r"] }), 0);
        check(json!({ "AWS": "AROAEXAMPLEEXAMPLE123" }), 1);
        check(
            json!({ "AWS": ["AIDAEXAMPLEEXAMPLE123", "AROAEXAMPLEEXAMPLE123", "AROAEXAMPLEEXAMPLE123:me"] }),
            2,
        );
    }

    #[test]
    fn a_rule_reads_as_a_sentence() {
        let document = statements(&json!([
            { "Effect": "Allow", "Action": ["s3:Get*", "s3:List*"], "Resource": "*",
              "Condition": { "Bool": { "aws:SecureTransport": "true" } } },
            { "Effect": "Deny", "NotAction": "iam:*", "NotResource": ["a", "b"] },
        ]));

        let expected = [
            "Allow s3:Get*, s3:List* on * if Bool aws:SecureTransport",
            "Deny everything but iam:* on everything but a, b",
        ];
        assert_eq!(document.rules(), expected);
        assert_eq!(document.actions(), ["s3:Get*", "s3:List*"]);
        assert_eq!(document.statement_count(), 2);
    }
}
