//! A short way to write requests and policies, so that a table of decisions can be read.
//!
//! A request is `who action resource`, then `key=value` for what is known of it and `-key` for what it does not have. A
//! policy is `allow|deny [all-but] actions [on [all-but] resources] [to [all-but] principals] [if operator key=value …]`;
//! lists are divided by commas, values by `|`, statements by `;`.

use std::collections::BTreeMap;
use std::sync::Arc;

use orgraph_model::AccountId;
use serde_json::{Map, Value, json};

use super::super::*;

/// What everything rests on but the policies that a row names.
pub(super) struct World {
    pub(super) requester: Requester,
    pub(super) action: Action,
    pub(super) resource: Resource,
    pub(super) context: Context,
    pub(super) identity: Known<Identity>,
    pub(super) session: Option<Arc<Policy>>,
    pub(super) scps: Known<Guardrails>,
    pub(super) rcps: Known<Guardrails>,
    membership: Known<Membership>,
    resource_membership: Known<Membership>,
}

const LEVELS: [&str; 3] = ["root", "unit", "account"];
/// Members of the organization, its management account, and one that is in no organization that is known.
const A: &str = "111111111111";
const B: &str = "222222222222";
const MANAGEMENT: &str = "999999999999";
const STRANGER: &str = "333333333333";

impl World {
    /// What a row of a table says.
    pub(super) fn new(request: &str, layers: &[&str]) -> Self {
        let mut words = request.split_whitespace();
        let (who, action, on) = (words.next().unwrap(), words.next().unwrap(), words.next().unwrap());
        let requester = requester(who);
        let home = requester.account.as_ref().map(ToString::to_string);
        let resource = resource(on, home.as_deref());
        let mut context = Context::default();
        for word in words {
            match word.split_once('=') {
                Some((key, values)) => values.split('|').for_each(|it| context.give(key, it)),
                None => context.give_absent(word.strip_prefix('-').unwrap()),
            }
        }
        let level =
            |place: &&str| Level { place: (*place).to_owned(), policies: vec![policy("all", "allow *")] };
        let none = |place: &&str| Level { place: (*place).to_owned(), policies: Vec::new() };
        let mut world = Self {
            membership: membership(home.as_deref()),
            resource_membership: membership(resource.account.as_ref().map(AccountId::as_str)),
            requester,
            action: Action::read(action).unwrap(),
            resource,
            context,
            identity: Known::Known(Identity::default()),
            session: None,
            scps: Known::Known(Guardrails::Levels(LEVELS.iter().map(level).collect())),
            rcps: Known::Known(Guardrails::Levels(LEVELS.iter().map(none).collect())),
        };
        for layer in layers {
            world.add(layer);
        }
        world
    }

    fn add(&mut self, layer: &str) {
        let (name, text) = layer.split_once(' ').unwrap();
        if text == "?" {
            return self.forget(name);
        }
        let policy = policy(layer, text);
        match (name.split_once('.'), &mut self.identity, &mut self.scps, &mut self.rcps) {
            (None, ..) if name == "session" => self.session = Some(policy),
            (None, ..) if name == "resource" => self.resource.policy = Known::Known(Some(policy)),
            (None, Known::Known(identity), ..) if name == "boundary" => {
                identity.boundary = Some(policy);
                self.requester.has_boundary = true;
            }
            (None, Known::Known(identity), ..) => identity.policies.push(policy),
            (Some(("scp", place)), _, Known::Known(Guardrails::Levels(levels)), _) => {
                let level = levels.iter_mut().find(|it| it.place == place).unwrap();
                // A policy that allows takes the place of the one that allows everything.
                if text.starts_with("allow") {
                    level.policies.clear();
                }
                level.policies.push(policy);
            }
            (Some(("rcp", place)), .., Known::Known(Guardrails::Levels(levels))) => {
                levels.iter_mut().find(|it| it.place == place).unwrap().policies.push(policy);
            }
            _ => panic!("{layer} has no place"),
        }
    }

    fn forget(&mut self, name: &str) {
        let why = format!("{name} is not read");
        match (name, &mut self.identity) {
            ("identity", identity) => *identity = Known::Unknown(why),
            ("attached", Known::Known(identity)) => {
                identity.policies.push(Arc::new(Policy::unread("attached", why)));
            }
            ("boundary", Known::Known(identity)) => {
                identity.boundary = Some(Arc::new(Policy::unread("boundary", why)));
            }
            ("resource", _) => self.resource.policy = Known::Unknown(why),
            ("owner", _) => self.resource.account = None,
            ("block", _) => self.resource.is_closed_to_outsiders = None,
            ("closed", _) => self.resource.is_closed_to_outsiders = Some(true),
            ("scp", _) => self.scps = Known::Unknown(why),
            ("scp-off", _) => self.scps = Known::Known(Guardrails::Off("not used")),
            ("rcp", _) => self.rcps = Known::Unknown(why),
            ("organization", _) => {
                self.membership = Known::Unknown(why.clone());
                self.resource_membership = Known::Unknown(why.clone());
                self.scps = Known::Unknown(why.clone());
                self.rcps = Known::Unknown(why);
            }
            (other, _) => panic!("{other} cannot be forgotten"),
        }
    }

    pub(super) fn decide(&self) -> Decision {
        decide(&Question {
            requester: &self.requester,
            identity: &self.identity,
            session: self.session.as_ref(),
            membership: &self.membership,
            scps: &self.scps,
            action: &self.action,
            resource: &self.resource,
            resource_membership: &self.resource_membership,
            rcps: &self.rcps,
            context: &self.context,
        })
    }
}

fn membership(account: Option<&str>) -> Known<Membership> {
    match account {
        Some(A | B) => Known::Known(Membership {
            organization_id: Some("o-1".to_owned()),
            path: Some("o-1/r-1/ou-1/".to_owned()),
            is_management: false,
        }),
        Some(MANAGEMENT) => Known::Known(Membership {
            organization_id: Some("o-1".to_owned()),
            path: Some("o-1/r-1/".to_owned()),
            is_management: true,
        }),
        _ => Known::Unknown("where the account stands is not read".to_owned()),
    }
}

/// `ann` and `bob` are users, `ops`, `ops/s` and so on roles and their sessions; `@b` and the like say in which account.
fn requester(who: &str) -> Requester {
    let (who, account) = match who.split_once('@') {
        Some((who, "b")) => (who, B),
        Some((who, "m")) => (who, MANAGEMENT),
        Some((who, "x")) => (who, STRANGER),
        _ => (who, A),
    };
    let tags = |tags: &[(&str, &str)]| {
        Some(
            tags.iter()
                .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
                .collect::<BTreeMap<_, _>>(),
        )
    };
    let principal = |kind, arn: String, id: &str| Requester {
        kind,
        arn,
        account: Some(account.parse().unwrap()),
        unique_id: Some(id.to_owned()),
        tags: tags(&[("team", "blue")]),
        takes_session_tags: false,
        has_boundary: false,
    };
    match who {
        "anybody" => Requester::anybody(),
        "root" => principal(Kind::Root, format!("arn:aws:iam::{account}:root"), account),
        "ann" | "bob" => {
            principal(Kind::User, format!("arn:aws:iam::{account}:user/{who}"), "AIDAEXAMPLEEXAMPLE123")
        }
        "linked" => principal(
            Kind::Role { session: None },
            format!("arn:aws:iam::{account}:role/aws-service-role/x.amazonaws.com/linked"),
            "AROALINKEDLINKED12345",
        ),
        who if who.contains(".amazonaws.com") => Requester::service(who),
        who => {
            let (role, session) = who.split_once('/').map_or((who, None), |(role, it)| (role, Some(it)));
            let kind = Kind::Role { session: session.map(str::to_owned) };
            let mut role =
                principal(kind, format!("arn:aws:iam::{account}:role/{role}"), "AROAEXAMPLEEXAMPLE123");
            role.takes_session_tags = who.starts_with("tagged");
            role
        }
    }
}

fn resource(on: &str, home: Option<&str>) -> Resource {
    let (target, account) = match on {
        "*" => (Target::Nothing, home),
        "all" => (Target::Everything, home),
        _ => (
            Target::read(&arn(on)).unwrap(),
            Some(if on.ends_with("@b") {
                B
            } else if on.ends_with("@m") {
                MANAGEMENT
            } else {
                A
            }),
        ),
    };
    Resource {
        target,
        account: account.map(|it| it.parse().unwrap()),
        region: None,
        tags: Some([("team".to_owned(), "blue".to_owned())].into()),
        policy: Known::Known(None),
        is_closed_to_outsiders: Some(false),
        is_of_aws: false,
    }
}

/// The ARN of a short name; anything else stays as it is. `~` stands for a comma, which would divide a list.
fn arn(short: &str) -> String {
    let short = &short.replace('~', ",");
    let (name, account) = match short.split_once('@') {
        Some((name, "b")) => (name, B),
        Some((name, "m")) => (name, MANAGEMENT),
        _ => (short.as_str(), A),
    };
    let regional = |service: &str, name: &str| format!("arn:aws:{service}:eu-west-1:{account}:{name}");
    match name.split_once(':') {
        _ if name.starts_with("bucket") => format!("arn:aws:s3:::{name}"),
        None if name.starts_with("queue") => regional("sqs", name),
        None if name.starts_with("topic") => regional("sns", name),
        None if name.starts_with("key") => regional("kms", &format!("key/{name}")),
        None if name.starts_with("fn") => regional("lambda", &format!("function:{name}")),
        None if name.starts_with("repo") => regional("ecr", &format!("repository/{name}")),
        None if name.starts_with("secret") => regional("secretsmanager", &format!("secret:{name}")),
        None if name.starts_with("i-") => regional("ec2", &format!("instance/{name}")),
        Some(("role", name)) => format!("arn:aws:iam::{account}:role/{name}"),
        Some(("user", name)) => format!("arn:aws:iam::{account}:user/{name}"),
        _ => name.to_owned(),
    }
}

fn named(text: &str) -> (&str, &str) {
    match text.split_once('=') {
        Some((kind, name)) => (kind, name),
        None => ("AWS", text),
    }
}

/// `A`, `B` and so on are accounts, `user:ann@b` and `role:ops` principals, `session:ops/s` sessions.
fn principal(text: &str) -> String {
    match text {
        "A" => format!("arn:aws:iam::{A}:root"),
        "B" => B.to_owned(),
        "X" => STRANGER.to_owned(),
        _ => match text.strip_prefix("session:") {
            Some(session) => format!("arn:aws:sts::{A}:assumed-role/{session}"),
            None => arn(text),
        },
    }
}

/// A policy from its short form.
pub(super) fn policy(name: &str, text: &str) -> Arc<Policy> {
    Arc::new(Policy::read(name, &document(text)))
}

/// A document from its short form. `2008:` in front makes it one of the old version.
pub(super) fn document(text: &str) -> Value {
    let (version, text) = match text.strip_prefix("2008:") {
        Some(text) => ("2008-10-17", text),
        None => ("2012-10-17", text),
    };
    let statements: Vec<Value> = text.split(';').map(|it| statement(it.trim())).collect();
    json!({"Version": version, "Statement": statements})
}

fn statement(text: &str) -> Value {
    let mut words = text.split_whitespace().peekable();
    let mut statement = Map::new();
    let effect = if words.next() == Some("allow") { "Allow" } else { "Deny" };
    statement.insert("Effect".to_owned(), json!(effect));
    let mut element = "Action";
    let mut resources = json!("*");
    let mut resource_element = "Resource".to_owned();
    while let Some(word) = words.next() {
        match word {
            "on" => element = "Resource",
            "to" => element = "Principal",
            "if" => {
                statement.insert("Condition".to_owned(), conditions(&words.by_ref().collect::<Vec<_>>()));
            }
            _ => {
                let (name, list) = match word {
                    "all-but" => (format!("Not{element}"), words.next().unwrap()),
                    list => (element.to_owned(), list),
                };
                match element {
                    "Action" => drop(statement.insert(name, list.split(',').collect())),
                    "Resource" => {
                        resources = list.split(',').map(arn).collect();
                        resource_element = name;
                    }
                    _ if list == "*" => drop(statement.insert(name, json!("*"))),
                    _ => {
                        let mut kinds: BTreeMap<&str, Vec<String>> = BTreeMap::new();
                        for (kind, text) in list.split(',').map(named) {
                            kinds.entry(kind).or_default().push(principal(text));
                        }
                        statement.insert(name, json!(kinds));
                    }
                }
            }
        }
    }
    statement.insert(resource_element, resources);
    Value::Object(statement)
}

fn conditions(words: &[&str]) -> Value {
    let mut conditions: BTreeMap<&str, BTreeMap<&str, Vec<&str>>> = BTreeMap::new();
    let mut operator = "";
    for word in words {
        match word.split_once('=') {
            Some((key, values)) => {
                conditions.entry(operator).or_default().insert(key, values.split('|').collect());
            }
            None => operator = word,
        }
    }
    json!(conditions)
}
