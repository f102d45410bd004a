//! What is asked, as it was written. Everything wrong with it is said in one line.

use std::sync::Arc;

use orgraph_link::access::{
    Action, Candidate, Context, Directory, Identity, Known, Policy, Requester, Target,
};
use orgraph_model::AccountId;
use serde_json::Value;

use crate::clock::now;

/// The question has no answer, whatever the graph says.
#[derive(Debug)]
pub(crate) enum BadInput {
    /// It cannot be understood.
    Unclear(String),
    /// It is about somebody who is not in the graph.
    NotFound(String),
}

impl std::fmt::Display for BadInput {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (Self::Unclear(text) | Self::NotFound(text)) = self;
        f.write_str(text)
    }
}

impl std::error::Error for BadInput {}

/// An error that says what cannot be understood.
pub(crate) fn bad(what: impl Into<String>) -> anyhow::Error {
    BadInput::Unclear(what.into()).into()
}

/// Who asks.
#[derive(Debug)]
pub(crate) enum Who {
    /// A principal of an account.
    Principal { arn: String, account: AccountId },
    /// A service of AWS.
    Service(String),
    /// Anybody.
    Anybody,
}

impl Who {
    pub(super) fn account(&self) -> Option<AccountId> {
        match self {
            Self::Principal { account, .. } => Some(account.clone()),
            Self::Service(_) | Self::Anybody => None,
        }
    }

    pub(super) fn text(&self) -> &str {
        match self {
            Self::Principal { arn: text, .. } | Self::Service(text) => text,
            Self::Anybody => "*",
        }
    }

    /// Everything that is known of it.
    pub(super) fn candidate(&self, directory: &Directory) -> anyhow::Result<Candidate> {
        let without_policies =
            |requester| Candidate { requester, identity: Known::Known(Identity::default()) };
        match self {
            Self::Principal { arn, .. } => {
                let unknown = || BadInput::NotFound(format!("{arn} is not in the graph"));
                Ok(directory.candidate(arn).ok_or_else(unknown)?)
            }
            Self::Service(name) => Ok(without_policies(Requester::service(name))),
            Self::Anybody => Ok(without_policies(Requester::anybody())),
        }
    }
}

pub(crate) fn principal(text: &str) -> anyhow::Result<Who> {
    let text = text.trim();
    if text == "*" {
        return Ok(Who::Anybody);
    }
    let segments: Vec<&str> = text.splitn(6, ':').collect();
    if let ["arn", _, "iam" | "sts", _, account, resource] = segments.as_slice()
        && let Ok(account) = account.parse()
        && ["user/", "role/", "assumed-role/", "root"].iter().any(|it| resource.starts_with(it))
    {
        return Ok(Who::Principal { arn: text.to_owned(), account });
    }
    if text.contains(".amazonaws.com") && !text.contains(':') {
        return Ok(Who::Service(text.to_owned()));
    }
    let expected = "the ARN of a user, a role, a session of a role or the root of an account, the name of a service, or *";
    Err(bad(format!("{text} is no principal: expected {expected}")))
}

pub(crate) fn action(text: &str) -> anyhow::Result<Action> {
    Action::read(text).ok_or_else(|| bad(format!("{text} is no action: expected service:Name")))
}

/// `*` asks for nothing in particular, as AWS does for actions that name no resource.
pub(crate) fn target(text: &str) -> anyhow::Result<Target> {
    if text.trim() == "*" {
        return Ok(Target::Nothing);
    }
    let target =
        Target::read(text).ok_or_else(|| bad(format!("{text} is no resource: expected an ARN or *")))?;
    Ok(target)
}

/// What is known of the request.
#[derive(Debug, Default)]
pub(crate) struct Given {
    pub(super) context: Context,
    pub(super) session: Option<Arc<Policy>>,
}

impl Given {
    /// Values of keys, a key several times if it has several; keys that the request does not have; and the policy of
    /// the session with what it is called.
    pub(crate) fn new(
        values: &[(String, String)],
        absent: &[String],
        session: Option<(&str, &Value)>,
    ) -> anyhow::Result<Self> {
        let mut context = Context::default();
        let mut named = Vec::new();
        for (key, value) in values {
            if key.trim().is_empty() {
                return Err(bad("a key of the request has no name"));
            }
            named.push(key.trim().to_lowercase());
            context.give(key.trim(), value.as_str());
        }
        for key in absent {
            if key.contains('=') || key.trim().is_empty() {
                return Err(bad(format!("{key:?} is no key that could be absent")));
            }
            if named.contains(&key.trim().to_lowercase()) {
                return Err(bad(format!("{key} cannot have a value and be absent")));
            }
            named.push(key.trim().to_lowercase());
            context.give_absent(key.trim());
        }
        // The question is about now, unless it says otherwise.
        let clock = now();
        let times =
            [("aws:currenttime", clock.to_rfc3339()), ("aws:epochtime", clock.timestamp().to_string())];
        for (key, value) in times {
            if !named.iter().any(|it| it == key) {
                context.give(key, value);
            }
        }
        let session = session.map(|(name, document)| {
            let policy = Policy::read(name.to_owned(), document);
            match policy.what_is_unread().first() {
                Some(unread) => Err(bad(format!("the policy of the session: {unread}"))),
                None => Ok(Arc::new(policy)),
            }
        });
        Ok(Self { context, session: session.transpose()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_asks_is_an_arn_a_service_or_anybody() {
        let check = |text: &str, expected: bool| assert_eq!(principal(text).is_ok(), expected, "{text}");

        check("arn:aws:iam::111111111111:user/ann", true);
        check("arn:aws:iam::111111111111:role/path/ops", true);
        check("arn:aws:sts::111111111111:assumed-role/ops/one", true);
        check("arn:aws:iam::111111111111:root", true);
        check("sns.amazonaws.com", true);
        check("*", true);
        check("ann", false);
        check("arn:aws:iam::111:user/ann", false);
        check("arn:aws:s3:::bucket", false);
    }

    #[test]
    fn a_key_cannot_be_given_and_absent() {
        let check = |values: &[(&str, &str)], absent: &[&str], expected: Option<&str>| {
            let values: Vec<_> = values.iter().map(|it| (it.0.to_owned(), it.1.to_owned())).collect();
            let absent: Vec<_> = absent.iter().map(|it| (*it).to_owned()).collect();
            let said = Given::new(&values, &absent, None).err().map(|it| it.to_string());
            assert_eq!(said.as_deref(), expected);
        };

        check(&[("a:k", "1"), ("a:k", "2")], &["a:l"], None);
        check(&[("", "1")], &[], Some("a key of the request has no name"));
        check(&[], &["a:k=1"], Some("\"a:k=1\" is no key that could be absent"));
        check(&[("A:K", "1")], &["a:k"], Some("a:k cannot have a value and be absent"));
    }

    #[test]
    fn a_policy_that_is_none_is_said() {
        let said = Given::new(&[], &[], Some(("the session", &Value::from(7)))).unwrap_err();

        assert!(said.to_string().starts_with("the policy of the session: "), "{said}");
    }
}
