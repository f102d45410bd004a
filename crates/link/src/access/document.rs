//! A policy document, read for the question who may do what. Unlike for relationships, a statement that cannot be read
//! is not left out: nobody knows then what the document says.

use serde_json::Value;

use super::condition::{Condition, conditions};
use super::principal::{Named, Whom, named};
use super::template::{Template, Variables, Wildcards};
use crate::policy::action::{ActionPattern, Actions};
use crate::policy::glob::Sign;
use crate::policy::resource::Scope;

/// A policy.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    /// What it is called where it decides something.
    pub(super) name: String,
    pub(super) statements: Vec<Statement>,
    /// What could not be read, in words.
    pub(super) unread: Vec<String>,
}

/// A statement.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Statement {
    /// Its name in the document, or its number, from 1.
    pub(super) label: String,
    pub(super) is_allow: bool,
    pub(super) whom: Whom,
    pub(super) actions: List<ActionPattern>,
    /// `None` for what has a policy of its own: the resource itself.
    pub(super) resources: Option<List<ResourceTemplate>>,
    pub(super) conditions: Vec<Condition>,
}

/// These, or everything but these.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum List<T> {
    Only(Vec<T>),
    AllBut(Vec<T>),
}

/// A pattern of resources.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ResourceTemplate {
    pub(super) template: Template,
    /// What it means where it has no variables.
    pub(super) fixed: Option<Scope>,
}

impl Policy {
    /// Reads a document, either as JSON or as a text of JSON. What it is called says where it decides something.
    pub fn read(name: impl Into<String>, document: &Value) -> Self {
        let mut policy = Self { name: name.into(), statements: Vec::new(), unread: Vec::new() };
        let parsed;
        let document = match document {
            Value::String(text) => {
                let Ok(value) = serde_json::from_str::<Value>(text) else {
                    policy.unread.push(format!("{} is not JSON", policy.name));
                    return policy;
                };
                parsed = value;
                &parsed
            }
            document => document,
        };
        let is_new = document.get("Version").and_then(Value::as_str) == Some("2012-10-17");
        let variables = if is_new { Variables::Read } else { Variables::Plain };
        let several = match document.get("Statement") {
            Some(Value::Array(several)) => several.as_slice(),
            Some(one) => std::slice::from_ref(one),
            None => {
                policy.unread.push(format!("{} has no statements", policy.name));
                &[]
            }
        };
        for (at, value) in several.iter().enumerate() {
            let sid = value.get("Sid").and_then(Value::as_str).filter(|it| !it.is_empty());
            let label = sid.map_or_else(|| format!("statement {}", at + 1), str::to_owned);
            match statement(value, label, variables) {
                Ok(statement) => policy.statements.push(statement),
                Err(label) => policy.unread.push(format!("{label} of {} cannot be read", policy.name)),
            }
        }
        policy
    }

    /// A policy whose document is not known, and why.
    pub fn unread(name: impl Into<String>, why: impl Into<String>) -> Self {
        Self { name: name.into(), statements: Vec::new(), unread: vec![why.into()] }
    }

    /// What it is called.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What could not be read of it, in words.
    pub fn what_is_unread(&self) -> &[String] {
        &self.unread
    }

    /// The actions and resources of its Allow statements as they are written; `*` for what is not listed.
    pub(super) fn grants(&self) -> impl Iterator<Item = (&str, &str)> {
        let allowed = self.statements.iter().filter(|it| it.is_allow);
        allowed.flat_map(|it| {
            let actions: Vec<&str> = match &it.actions {
                List::Only(these) => these.iter().map(|it| it.written.as_str()).collect(),
                List::AllBut(_) => vec!["*"],
            };
            let resources: Vec<&str> = match &it.resources {
                Some(List::Only(these)) => these.iter().map(|it| it.template.written.as_str()).collect(),
                Some(List::AllBut(_)) | None => vec!["*"],
            };
            actions
                .into_iter()
                .flat_map(move |action| resources.clone().into_iter().map(move |resource| (action, resource)))
        })
    }

    /// Whether an Allow statement names these actions, or some of them.
    pub(super) fn allows_action(&self, actions: &Actions) -> bool {
        self.statements.iter().filter(|it| it.is_allow).any(|it| match &it.actions {
            List::Only(these) => these.iter().any(|it| it.overlaps(actions)),
            List::AllBut(these) => !these.iter().any(|it| it.covers(actions)),
        })
    }

    /// Whom its statements name.
    pub(super) fn named(&self) -> Named {
        let mut all = Named { everybody: !self.unread.is_empty(), ..Named::default() };
        for statement in self.statements.iter().filter(|it| it.is_allow) {
            let named = named(&statement.whom);
            all.everybody |= named.everybody;
            all.accounts.extend(named.accounts);
            all.services.extend(named.services);
        }
        all
    }
}

fn statement(value: &Value, label: String, variables: Variables) -> Result<Statement, String> {
    let is_allow = match value.get("Effect").and_then(Value::as_str) {
        Some("Allow") => true,
        Some("Deny") => false,
        _ => return Err(label),
    };
    let action = |text: &str| ActionPattern::read(text);
    let actions = list(value, "Action", "NotAction", action);
    let resource = |text: &str| {
        let template = Template::read(text, variables, Wildcards::Read);
        let fixed = template.fixed().map(scope);
        Some(ResourceTemplate { template, fixed })
    };
    let resources = list(value, "Resource", "NotResource", resource);
    match (actions, resources) {
        (Some(Ok(actions)), Some(Ok(resources))) => Ok(Statement {
            label,
            is_allow,
            whom: Whom::read(value),
            actions,
            resources: Some(resources),
            conditions: conditions(value, variables),
        }),
        (Some(Ok(actions)), None) => Ok(Statement {
            label,
            is_allow,
            whom: Whom::read(value),
            actions,
            resources: None,
            conditions: conditions(value, variables),
        }),
        _ => Err(label),
    }
}

pub(super) fn scope(signs: &[Sign]) -> Scope {
    Scope::of(signs)
}

/// A list under one of two names. `None` where there is neither, an error where it is no list of texts.
fn list<T>(
    value: &Value,
    only: &str,
    all_but: &str,
    read: impl Fn(&str) -> Option<T>,
) -> Option<Result<List<T>, ()>> {
    let texts = |listed: &Value| {
        let several = match listed {
            Value::Array(several) => several.as_slice(),
            one => std::slice::from_ref(one),
        };
        several.iter().map(|it| it.as_str().ok_or(())).collect::<Result<Vec<_>, ()>>().map(|texts| {
            // What is no action is never asked for.
            texts.into_iter().filter_map(&read).collect::<Vec<T>>()
        })
    };
    if let Some(listed) = value.get(only) {
        return Some(texts(listed).map(List::Only));
    }
    value.get(all_but).map(|listed| texts(listed).map(List::AllBut))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_cannot_be_read_is_remembered() {
        let check = |document: Value, statements: usize, unread: &[&str]| {
            let policy = Policy::read("p", &document);
            assert_eq!(
                (policy.statements.len(), policy.unread.as_slice()),
                (statements, &unread.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>()[..]),
                "{document}"
            );
        };
        let good = json!({"Effect": "Deny", "Action": "s3:*", "Resource": "*"});

        check(json!({"Statement": good}), 1, &[]);
        check(json!({"Statement": [good]}).to_string().into(), 1, &[]);
        check(json!({}), 0, &["p has no statements"]);
        check(json!("not JSON"), 0, &["p is not JSON"]);
        check(json!({"Statement": [good, {"Sid": "S", "Effect": "Maybe"}]}), 1, &["S of p cannot be read"]);
        check(
            json!({"Statement": {"Effect": "Allow", "Action": 7}}),
            0,
            &["statement 1 of p cannot be read"],
        );
    }
}
