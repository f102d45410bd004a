//! A request: who asks, for what, and what is known besides.

use std::collections::{BTreeMap, BTreeSet};

use orgraph_model::AccountId;

use super::context::Context;
use crate::policy::action::{ActionPattern, Actions};
use crate::policy::glob::Sign;
use crate::policy::resource::{Arn, ArnPattern, Scope};

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requester {
    /// What kind of principal it is.
    pub kind: Kind,
    /// The ARN of the user, the role or the root of the account; the name of a service; empty for anybody.
    pub arn: String,
    /// The account it belongs to; nobody's for services and anybody.
    pub account: Option<AccountId>,
    /// The unique ID of the user or role, where it is known.
    pub unique_id: Option<String>,
    /// Its tags, where they are known.
    pub tags: Option<BTreeMap<String, String>>,
    /// Whether sessions may bring tags of their own; where that is not known, they may.
    pub takes_session_tags: bool,
    /// Whether it has a permissions boundary.
    pub has_boundary: bool,
}

/// A kind of principal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// A user of IAM.
    User,
    /// A session of a role; `None` for whatever session.
    Role {
        /// The name of the session.
        session: Option<String>,
    },
    /// The root user of an account.
    Root,
    /// A service of AWS.
    Service,
    /// Somebody without credentials.
    Anybody,
}

impl Requester {
    /// A service of AWS by its name, such as `sns.amazonaws.com`.
    pub fn service(name: &str) -> Self {
        Self { kind: Kind::Service, arn: name.to_owned(), ..Self::anybody() }
    }

    /// Somebody without credentials.
    pub fn anybody() -> Self {
        Self {
            kind: Kind::Anybody,
            arn: String::new(),
            account: None,
            unique_id: None,
            tags: Some(BTreeMap::new()),
            takes_session_tags: false,
            has_boundary: false,
        }
    }

    /// The name of the user or role: the last part of the ARN.
    pub(super) fn name(&self) -> &str {
        self.arn.rsplit('/').next().unwrap_or_default()
    }

    /// Whether AWS made the role for a service, which the policies of the organization leave alone.
    pub(super) fn is_service_linked(&self) -> bool {
        matches!(self.kind, Kind::Role { .. }) && self.arn.contains(":role/aws-service-role/")
    }
}

/// What is asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Action {
    /// As it was written.
    pub(super) written: String,
    pub(super) actions: Actions,
    /// The prefix of its service, in lower case, unless several are meant.
    pub(super) service: Option<String>,
    /// Its name without the service, in lower case, unless several are meant.
    pub(super) verb: Option<String>,
}

impl Action {
    /// Reads `service:Verb`, which may have wildcards: then all that fit are asked for.
    pub fn read(text: &str) -> Option<Self> {
        let pattern = ActionPattern::read(text)?;
        let (_, verb) = text.trim().split_once(':').unwrap_or(("*", "*"));
        let is_one = !verb.is_empty() && !verb.contains(['*', '?']);
        Some(Self {
            written: text.trim().to_owned(),
            actions: pattern.all(),
            service: pattern.service().map(str::to_owned),
            verb: is_one.then(|| verb.to_lowercase()),
        })
    }

    /// How it is written.
    pub fn text(&self) -> &str {
        &self.written
    }

    /// Whether it is a way of assuming a role.
    pub(super) fn assumes_a_role(&self) -> bool {
        self.service.as_deref() == Some("sts")
            && self.verb.as_deref().is_some_and(|it| it.starts_with("assumerole"))
    }
}

/// What something is done to.
#[derive(Debug, Clone, PartialEq)]
pub enum Target {
    /// Nothing in particular, as for actions that list what an account has.
    Nothing,
    /// The resource with this ARN.
    One(String),
    /// Everything that fits an ARN with wildcards, which is read as `Resource` of a policy is.
    Many(Pattern),
    /// Everything.
    Everything,
}

/// An ARN with wildcards.
#[derive(Debug, Clone, PartialEq)]
pub struct Pattern {
    pub(super) written: String,
    pub(super) arns: ArnPattern,
}

impl Target {
    /// Reads what a policy or a person writes; `None` for what is no ARN. `*` is everything.
    pub fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        let sign = |it| match it {
            '*' => Sign::Run,
            '?' => Sign::One,
            letter => Sign::Is(letter),
        };
        match Scope::of(&text.chars().map(sign).collect::<Vec<_>>()) {
            Scope::Everything => Some(Self::Everything),
            Scope::Nothing => None,
            Scope::Arns(_) if !text.contains(['*', '?']) => {
                Arn::read(text).map(|_| Self::One(text.to_owned()))
            }
            Scope::Arns(arns) => Some(Self::Many(Pattern { written: text.to_owned(), arns })),
        }
    }

    /// The account that the ARN names, if it names one.
    pub fn account(&self) -> Option<AccountId> {
        match self {
            Self::One(arn) => Arn::read(arn)?.account.parse().ok(),
            Self::Many(pattern) => pattern.arns.account()?.parse().ok(),
            Self::Nothing | Self::Everything => None,
        }
    }

    /// How it is written.
    pub fn text(&self) -> &str {
        match self {
            Self::One(arn) => arn,
            Self::Many(pattern) => &pattern.written,
            Self::Nothing | Self::Everything => "*",
        }
    }

    pub(super) fn service(&self) -> Option<&str> {
        match self {
            Self::One(arn) => Arn::read(arn).map(|it| it.service),
            Self::Many(pattern) => Some(&pattern.arns.service),
            Self::Nothing | Self::Everything => None,
        }
    }
}

/// The resource, with what is known of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Resource {
    /// The resource itself.
    pub target: Target,
    /// The account it belongs to, where it is known.
    pub account: Option<AccountId>,
    /// The region it is in, where it is known and it is in one.
    pub region: Option<String>,
    /// Its tags, where they are known and conditions see them.
    pub tags: Option<BTreeMap<String, String>>,
    /// What its own policy is.
    pub policy: super::Known<Option<std::sync::Arc<super::Policy>>>,
    /// Whether only the account itself may use what its policy lets everybody do; S3 calls it a public access block.
    pub is_closed_to_outsiders: Option<bool>,
    /// Whether AWS made it for a service, and policies of the organization leave it alone.
    pub is_of_aws: bool,
}

/// Where an account stands in its organization.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Membership {
    /// The organization.
    pub organization_id: Option<String>,
    /// Its path, as `aws:PrincipalOrgPaths` spells it.
    pub path: Option<String>,
    /// Whether it is the management account, which the policies of the organization leave alone.
    pub is_management: bool,
}

/// Keys that follow from who asks.
pub(super) fn context_of(requester: &Requester, place: Option<&Membership>) -> Context {
    let mut context = Context::default();
    let is_of_account = requester.account.is_some();
    let give_or_not = |context: &mut Context, key: &str, value: Option<&str>| match value {
        Some(value) => context.give(key, value),
        None => context.give_absent(key),
    };
    let principal_type = match requester.kind {
        Kind::User => Some("User"),
        Kind::Role { .. } => Some("AssumedRole"),
        Kind::Root => Some("Account"),
        Kind::Anybody => Some("Anonymous"),
        // What it is for services is not said.
        Kind::Service => None,
    };
    if let Some(principal_type) = principal_type {
        context.give("aws:PrincipalType", principal_type);
    }
    let arn = is_of_account.then_some(requester.arn.as_str());
    give_or_not(&mut context, "aws:PrincipalArn", arn);
    let account = requester.account.as_ref().map(AccountId::as_str);
    give_or_not(&mut context, "aws:PrincipalAccount", account);
    let is_service = requester.kind == Kind::Service;
    context.give("aws:PrincipalIsAWSService", is_service.to_string());
    if is_service {
        context.give("aws:PrincipalServiceName", requester.arn.clone());
        context.give("aws:PrincipalServiceNamesList", requester.arn.clone());
    } else {
        for key in ["aws:PrincipalServiceName", "aws:PrincipalServiceNamesList"] {
            context.give_absent(key);
        }
        // Only services say for whom they ask.
        for key in ["aws:SourceArn", "aws:SourceAccount", "aws:SourceOrgID", "aws:SourceOrgPaths"] {
            context.give_absent(key);
        }
    }
    give_identity(&mut context, requester);
    match place {
        Some(place) if is_of_account => {
            give_or_not(&mut context, "aws:PrincipalOrgID", place.organization_id.as_deref());
            match (&place.organization_id, &place.path) {
                (_, Some(path)) => context.give("aws:PrincipalOrgPaths", path.as_str()),
                (None, None) => context.give_absent("aws:PrincipalOrgPaths"),
                (Some(_), None) => {}
            }
        }
        _ if !is_of_account => {
            context.give_absent("aws:PrincipalOrgID");
            context.give_absent("aws:PrincipalOrgPaths");
        }
        _ => {}
    }
    context
}

fn give_identity(context: &mut Context, requester: &Requester) {
    let id = requester.unique_id.as_deref();
    match (&requester.kind, id, &requester.account) {
        (Kind::User, Some(id), _) => context.give("aws:userid", id),
        (Kind::Role { session: Some(session) }, Some(id), _) => {
            context.give("aws:userid", format!("{id}:{session}"));
        }
        (Kind::Root, _, Some(account)) => context.give("aws:userid", account.as_str()),
        (Kind::Service | Kind::Anybody, ..) => context.give_absent("aws:userid"),
        _ => {}
    }
    if requester.kind == Kind::User {
        context.give("aws:username", requester.name());
    } else {
        context.give_absent("aws:username");
    }
    if let Some(account) = &requester.account {
        context.give("kms:CallerAccount", account.as_str());
    }
    let Some(tags) = &requester.tags else { return };
    if requester.takes_session_tags {
        // A session may bring any tag, also in place of one that the role has.
        return;
    }
    for (key, value) in tags {
        context.give(&format!("aws:PrincipalTag/{key}"), value.as_str());
    }
    context.close("aws:PrincipalTag/");
}

/// Keys that follow from what is asked for.
pub(super) fn context_of_resource(
    resource: &Resource,
    action: &Action,
    place: Option<&Membership>,
) -> Context {
    let mut context = Context::default();
    if let Some(account) = &resource.account {
        for key in ["aws:ResourceAccount", "s3:ResourceAccount"] {
            context.give(key, account.as_str());
        }
    }
    if let Some(place) = place.filter(|_| resource.account.is_some()) {
        match &place.organization_id {
            Some(id) => context.give("aws:ResourceOrgID", id.as_str()),
            None => context.give_absent("aws:ResourceOrgID"),
        }
        if let Some(path) = &place.path {
            context.give("aws:ResourceOrgPaths", path.as_str());
        }
    }
    if let Some(region) = &resource.region {
        context.give("aws:RequestedRegion", region.as_str());
    }
    if let Some(tags) = &resource.tags {
        let own = action.service.as_deref().map(|it| format!("{it}:ResourceTag/"));
        let beginnings: BTreeSet<String> = own.into_iter().chain(["aws:ResourceTag/".to_owned()]).collect();
        for beginning in beginnings {
            for (key, value) in tags {
                context.give(&format!("{beginning}{key}"), value.as_str());
            }
            context.close(&beginning);
        }
    }
    context
}
