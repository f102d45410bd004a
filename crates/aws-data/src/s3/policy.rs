//! What a bucket's policy says, as far as the graph asks. Nothing here evaluates access.

use std::collections::BTreeSet;

use serde_json::Value;

/// A policy document that could be read.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Policy {
    document: Value,
}

/// What a policy allows everybody.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Opening {
    /// The actions as they were written, in order.
    pub(super) actions: Vec<String>,
    /// Whether every statement that allows them asks for something.
    pub(super) has_condition: bool,
}

impl Policy {
    /// From the text AWS gives; `None` when it is not a policy.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let document: Value = serde_json::from_str(text).ok()?;
        let policy = Self { document };
        let whole = match policy.document.get("Statement")? {
            Value::Array(statements) => statements.iter().all(Value::is_object),
            statement => statement.is_object(),
        };
        whole.then_some(policy)
    }

    /// The whole document.
    pub(super) fn document(&self) -> &Value {
        &self.document
    }

    /// The statements; one that stands alone is a list of one.
    pub(super) fn statements(&self) -> &[Value] {
        match &self.document["Statement"] {
            Value::Array(statements) => statements,
            statement => std::slice::from_ref(statement),
        }
    }

    /// Whether a statement allows every action of S3 without a condition.
    pub(super) fn is_admin(&self) -> bool {
        self.statements().iter().any(|it| {
            it["Effect"] == "Allow" && it.get("Condition").is_none() && covers_every_action(&it["Action"])
        })
    }

    /// Whether every request over plain HTTP for the objects of the bucket `arn` is denied to everybody.
    pub(super) fn denies_plain_http(&self, arn: &str) -> bool {
        let objects = ["*".to_owned(), format!("{arn}*"), format!("{arn}/*")];
        self.statements().iter().any(|it| {
            it["Effect"] == "Deny"
                && names_everybody(&it["Principal"])
                && covers_every_action(&it["Action"])
                && texts(&it["Resource"]).iter().any(|it| objects.iter().any(|object| object == it))
                && asks_only_for_plain_http(&it["Condition"])
        })
    }

    /// What it allows everybody, if anything. A statement about all but some principals lets in everybody else, but AWS
    /// does not call that everybody.
    pub(super) fn opening(&self) -> Option<Opening> {
        let open: Vec<&Value> = self
            .statements()
            .iter()
            .filter(|it| it["Effect"] == "Allow" && names_everybody(&it["Principal"]))
            .collect();
        let actions: BTreeSet<&str> = open.iter().flat_map(|it| texts(&it["Action"])).collect();
        (!open.is_empty()).then(|| Opening {
            actions: actions.into_iter().map(str::to_owned).collect(),
            has_condition: open.iter().all(|it| it.get("Condition").is_some()),
        })
    }

    /// One line per statement: `Deny s3:* on arn:aws:s3:::b/* for * if aws:SecureTransport`.
    pub(super) fn rules(&self) -> Vec<String> {
        self.statements().iter().map(rule).collect()
    }
}

fn rule(statement: &Value) -> String {
    let part = |plain: &str, negated: &str| match (statement.get(plain), statement.get(negated)) {
        (Some(it), _) => members(it),
        (None, Some(it)) => format!("all but {}", members(it)),
        (None, None) => "nothing".to_owned(),
    };
    let mut rule = format!(
        "{} {} on {} for {}",
        statement["Effect"].as_str().unwrap_or("?"),
        part("Action", "NotAction"),
        part("Resource", "NotResource"),
        part("Principal", "NotPrincipal"),
    );
    let operators = statement["Condition"].as_object().into_iter().flatten();
    let keys: Vec<&str> = operators
        .filter_map(|(_, keys)| keys.as_object())
        .flat_map(|keys| keys.keys().map(String::as_str))
        .collect();
    if !keys.is_empty() {
        rule.push_str(" if ");
        rule.push_str(&keys.join(", "));
    }
    rule
}

/// A text, a list of texts, or principals by kind, as one text.
fn members(value: &Value) -> String {
    match value {
        Value::Object(kinds) => kinds.values().map(members).collect::<Vec<_>>().join(", "),
        one_or_more => texts(one_or_more).join(", "),
    }
}

fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(all) => all.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

fn names_everybody(principal: &Value) -> bool {
    texts(principal).contains(&"*") || texts(&principal["AWS"]).contains(&"*")
}

fn covers_every_action(action: &Value) -> bool {
    texts(action).iter().any(|it| *it == "*" || *it == "*:*" || it.eq_ignore_ascii_case("s3:*"))
}

/// Whether `aws:SecureTransport` being false is all that is asked for. With more, the statement denies less.
fn asks_only_for_plain_http(condition: &Value) -> bool {
    let only_member = |value: &Value| {
        let members = value.as_object().filter(|it| it.len() == 1)?;
        members.iter().next().map(|(name, it)| (name.clone(), it.clone()))
    };
    let Some((operator, keys)) = only_member(condition) else {
        return false;
    };
    let Some((key, value)) = only_member(&keys) else {
        return false;
    };
    let operators = ["Bool", "BoolIfExists"];
    let is_false = value == false
        || texts(&value).iter().any(|it| it.eq_ignore_ascii_case("false"))
        || value.as_array().is_some_and(|it| it.iter().any(|it| it == false));
    operators.iter().any(|it| operator.eq_ignore_ascii_case(it))
        && key.eq_ignore_ascii_case("aws:SecureTransport")
        && is_false
}

#[cfg(test)]
mod tests {
    use super::*;

    const DENIES_HTTP: &str = r#"{"Effect":"Deny","Principal":"*","Action":"s3:*",
        "Resource":["arn:aws:s3:::b","arn:aws:s3:::b/*"],"Condition":{"Bool":{"aws:SecureTransport":"false"}}}"#;

    fn policy(statements: &str) -> Policy {
        Policy::parse(&format!(r#"{{"Version":"2012-10-17","Statement":{statements}}}"#)).unwrap()
    }

    #[test]
    fn what_is_not_a_policy_is_not_read_as_an_empty_one() {
        for text in ["", "<Nothing/>", "{}", "[]", r#"{"Statement":1}"#, r#"{"Statement":["x"]}"#] {
            assert_eq!(Policy::parse(text), None, "{text}");
        }
        assert_eq!(policy("[]").statements().len(), 0);
        assert_eq!(policy(DENIES_HTTP).statements().len(), 1);
    }

    #[test]
    fn plain_http_is_denied_only_by_a_statement_without_exceptions() {
        let check = |from: &str, to: &str, expected: bool| {
            assert!(DENIES_HTTP.contains(from), "{from} is not there");
            let statement = DENIES_HTTP.replace(from, to);
            let denies = policy(&statement).denies_plain_http("arn:aws:s3:::b");
            assert_eq!(denies, expected, "{statement}");
        };

        check("Deny", "Deny", true);
        check(r#""Principal":"*""#, r#""Principal":{"AWS":"*"}"#, true);
        check(r#""false""#, "false", true);
        check(r#""false""#, r#"["false"]"#, true);
        check("aws:SecureTransport", "aws:securetransport", true);
        check(r#""Bool""#, r#""BoolIfExists""#, true);

        check("Deny", "Allow", false);
        check(r#""Principal":"*""#, r#""Principal":{"AWS":"111111111111"}"#, false);
        check("s3:*", "s3:GetObject", false);
        check(r#","arn:aws:s3:::b/*""#, "", false);
        check("arn:aws:s3:::b/*", "arn:aws:s3:::b/public/*", false);
        check(r#""false""#, r#""true""#, false);
        check("{\"aws:", "{\"aws:SourceVpc\":\"vpc-1\",\"aws:", false);
        check(r#"{"Bool""#, r#"{"StringLike":{"a":"b"},"Bool""#, false);
    }

    #[test]
    fn every_action_without_a_condition_is_admin() {
        let check = |statement: &str, expected: bool| {
            assert_eq!(policy(statement).is_admin(), expected, "{statement}");
        };

        check(r#"{"Effect":"Allow","Action":"S3:*","Principal":{"AWS":"1"}}"#, true);
        check(r#"[{"Effect":"Allow","Action":["s3:Get*","*"],"Principal":"*"}]"#, true);
        check(r#"{"Effect":"Allow","Action":"s3:*","Condition":{"Bool":{"a":"true"}}}"#, false);
        check(r#"{"Effect":"Deny","Action":"*"}"#, false);
        check(r#"{"Effect":"Allow","Action":"s3:Get*"}"#, false);
    }

    #[test]
    fn what_everybody_is_allowed_comes_with_its_conditions() {
        let check = |statements: &str, expected: Option<(&[&str], bool)>| {
            let opening = policy(statements).opening();
            let opening = opening
                .as_ref()
                .map(|it| (it.actions.iter().map(String::as_str).collect(), it.has_condition));
            let expected: Option<(Vec<&str>, bool)> = expected.map(|(actions, it)| (actions.to_vec(), it));
            assert_eq!(opening, expected, "{statements}");
        };
        let open = r#"{"Effect":"Allow","Action":["s3:ListBucket","s3:GetObject"],"Principal":"*"}"#;
        let asking = r#"{"Effect":"Allow","Action":"s3:PutObject","Principal":{"AWS":"*"},"Condition":{}}"#;

        check(open, Some((&["s3:GetObject", "s3:ListBucket"], false)));
        check(asking, Some((&["s3:PutObject"], true)));
        check(
            &format!("[{open},{asking}]"),
            Some((&["s3:GetObject", "s3:ListBucket", "s3:PutObject"], false)),
        );
        check(DENIES_HTTP, None);
        check(r#"{"Effect":"Allow","Action":"s3:*","Principal":{"AWS":"1"}}"#, None);
    }

    #[test]
    fn a_rule_is_one_readable_line() {
        let allowing = r#"[{"Effect":"Allow","NotAction":"s3:DeleteBucket","Resource":"r",
            "Principal":{"AWS":["1","2"],"Service":"x"}}]"#;

        assert_eq!(
            policy(DENIES_HTTP).rules(),
            ["Deny s3:* on arn:aws:s3:::b, arn:aws:s3:::b/* for * if aws:SecureTransport"]
        );
        assert_eq!(policy(allowing).rules(), ["Allow all but s3:DeleteBucket on r for 1, 2, x"]);
    }
}
