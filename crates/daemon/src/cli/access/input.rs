//! What is asked, as it was typed. Everything wrong with it is said in one line.

use std::sync::Arc;

use anyhow::Context as _;
use orgraph_link::access::{
    Action, Candidate, Context, Directory, Identity, Known, Policy, Requester, Target,
};
use orgraph_model::AccountId;
use serde_json::Value;

use super::{Format, Request};
use crate::clock::now;

/// The question cannot be understood.
#[derive(Debug)]
pub(super) struct BadInput(String);

impl std::fmt::Display for BadInput {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for BadInput {}

fn bad(what: impl Into<String>) -> anyhow::Error {
    BadInput(what.into()).into()
}

/// Who asks.
#[derive(Debug)]
pub(super) enum Who {
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
                directory.candidate(arn).ok_or_else(|| bad(format!("{arn} is not in the graph")))
            }
            Self::Service(name) => Ok(without_policies(Requester::service(name))),
            Self::Anybody => Ok(without_policies(Requester::anybody())),
        }
    }
}

pub(super) fn principal(text: &str) -> anyhow::Result<Who> {
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

pub(super) fn action(text: &str) -> anyhow::Result<Action> {
    Action::read(text).ok_or_else(|| bad(format!("{text} is no action: expected service:Name")))
}

/// `*` asks for nothing in particular, as AWS does for actions that name no resource.
pub(super) fn target(text: &str) -> anyhow::Result<Target> {
    if text.trim() == "*" {
        return Ok(Target::Nothing);
    }
    let target =
        Target::read(text).ok_or_else(|| bad(format!("{text} is no resource: expected an ARN or *")))?;
    Ok(target)
}

/// What is known of the request.
pub(super) struct Given {
    pub(super) context: Context,
    pub(super) session: Option<Arc<Policy>>,
    pub(super) format: Format,
}

impl Given {
    pub(super) fn new(request: &Request) -> anyhow::Result<Self> {
        let mut context = Context::default();
        let mut named = Vec::new();
        for pair in &request.context {
            let (key, value) = pair
                .split_once('=')
                .filter(|(key, _)| !key.trim().is_empty())
                .ok_or_else(|| bad(format!("--context {pair}: expected KEY=VALUE")))?;
            named.push(key.trim().to_lowercase());
            context.give(key.trim(), value);
        }
        for key in &request.absent {
            if key.contains('=') || key.trim().is_empty() {
                return Err(bad(format!("--absent {key}: expected a key")));
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
        let session = match &request.session_policy {
            None => None,
            Some(file) => {
                let text = std::fs::read_to_string(file)
                    .map_err(|error| bad(format!("--session-policy {}: {error}", file.display())))?;
                let document: Value = serde_json::from_str(&text).map_err(|error| {
                    bad(format!("--session-policy {}: not JSON: {error}", file.display()))
                })?;
                let policy = Policy::read(file.display().to_string(), &document);
                if let Some(unread) = policy.what_is_unread().first() {
                    return Err(bad(format!("--session-policy: {unread}")));
                }
                Some(Arc::new(policy))
            }
        };
        Ok(Self { context, session, format: request.format })
    }
}

/// Writes to standard output, which may have been closed.
pub(super) fn json(value: &Value) -> anyhow::Result<String> {
    serde_json::to_string_pretty(value).context("failed to write the answer")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(context: &[&str], absent: &[&str]) -> Request {
        let texts = |them: &[&str]| them.iter().map(|it| (*it).to_owned()).collect();
        Request {
            context: texts(context),
            absent: texts(absent),
            session_policy: None,
            format: Format::Table,
        }
    }

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
        let check = |context: &[&str], absent: &[&str], expected: Option<&str>| {
            let said = Given::new(&request(context, absent)).err().map(|it| it.to_string());
            assert_eq!(said.as_deref(), expected);
        };

        check(&["a:k=1", "a:k=2"], &["a:l"], None);
        check(&["a:k"], &[], Some("--context a:k: expected KEY=VALUE"));
        check(&["=1"], &[], Some("--context =1: expected KEY=VALUE"));
        check(&[], &["a:k=1"], Some("--absent a:k=1: expected a key"));
        check(&["A:K=1"], &["a:k"], Some("a:k cannot have a value and be absent"));
    }
}
