//! Users, roles and roots as those who ask.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use orgraph_model::vocabulary::{AWS_ACCOUNT, AWS_IAM_ROLE, AWS_IAM_USER};
use orgraph_model::{AccountId, Key};

use super::{Directory, tags};
use crate::Fact;
use crate::access::{Action, Identity, Kind, Known, Policy, Requester, Target};
use crate::policy::action::ActionPattern;

/// Somebody who may ask.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// Who it is.
    pub requester: Requester,
    /// What its account says about it.
    pub identity: Known<Identity>,
}

/// What an Allow statement names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Grant {
    /// The action as it is written.
    pub action: String,
    /// The resource as it is written, with variables as wildcards.
    pub resource: String,
}

impl Directory {
    /// Every role that is read, and then every user, in the order of their ARNs.
    pub fn candidates(&self) -> impl Iterator<Item = Candidate> {
        self.principals().map(|it| self.candidate_of(it, None))
    }

    /// The accounts of users and roles that are read.
    pub fn accounts(&self) -> BTreeSet<AccountId> {
        self.principals().map(|it| it.account.clone()).collect()
    }

    fn principals(&self) -> impl Iterator<Item = &Fact> {
        self.of(AWS_IAM_ROLE).chain(self.of(AWS_IAM_USER))
    }

    /// The user, role, session of a role or root of an account with this ARN.
    pub fn candidate(&self, arn: &str) -> Option<Candidate> {
        if let Some(fact) = self.facts.get(arn).filter(|it| is_principal(it)) {
            return Some(self.candidate_of(fact, None));
        }
        let mut segments = arn.splitn(6, ':').skip(2);
        let (service, _, account, resource) =
            (segments.next()?, segments.next()?, segments.next()?, segments.next()?);
        let account: AccountId = account.parse().ok()?;
        match (service, resource.split_once('/')) {
            ("iam", None) if resource == "root" => self.root(arn, account),
            ("sts", Some(("assumed-role", rest))) => {
                let (name, session) = rest.split_once('/')?;
                let is_it = |it: &&Fact| {
                    it.account == account
                        && it.text("roleName").is_some_and(|it| it.eq_ignore_ascii_case(name))
                };
                let role = self.of(AWS_IAM_ROLE).find(is_it)?;
                Some(self.candidate_of(role, Some(session.to_owned())))
            }
            _ => None,
        }
    }

    /// The root user of an account that is known.
    pub fn root_of(&self, account: &AccountId) -> Option<Candidate> {
        let fact = self.of(AWS_ACCOUNT).find(|it| it.key.arn_account() == Some(account.as_str()))?;
        self.root(fact.key.as_str(), account.clone())
    }

    fn root(&self, arn: &str, account: AccountId) -> Option<Candidate> {
        self.facts.get(arn).filter(|it| it.entity_type == AWS_ACCOUNT)?;
        let requester = Requester {
            kind: Kind::Root,
            arn: arn.to_owned(),
            account: Some(account),
            unique_id: None,
            tags: Some(BTreeMap::new()),
            takes_session_tags: false,
            has_boundary: false,
        };
        Some(Candidate { requester, identity: Known::Known(Identity::default()) })
    }

    fn candidate_of(&self, fact: &Fact, session: Option<String>) -> Candidate {
        let is_role = fact.entity_type == AWS_IAM_ROLE;
        let requester = Requester {
            kind: if is_role { Kind::Role { session } } else { Kind::User },
            arn: fact.key.to_string(),
            account: Some(fact.account.clone()),
            unique_id: fact.text(if is_role { "roleId" } else { "userId" }).map(str::to_owned),
            tags: Some(tags(fact)),
            takes_session_tags: is_role && takes_session_tags(fact),
            has_boundary: fact.text("permissionsBoundaryArn").is_some(),
        };
        Candidate { requester, identity: self.identity(fact) }
    }

    fn identity(&self, fact: &Fact) -> Known<Identity> {
        let key = fact.key.as_str();
        let mut holders = vec![key];
        holders.extend(self.groups.get(key).into_iter().flatten().map(String::as_str));
        let keys = holders.iter().filter_map(|it| self.attached.get(*it)).flatten();
        let keys: BTreeSet<&String> = keys.collect();
        // All of them are one listing, so that a doubt about one type is one about all.
        let doubt = |key: &str| self.doubt(&fact.account, None, fact.entity_type, key);
        let named = holders.iter().copied().chain(keys.iter().map(|it| it.as_str()));
        if let Some(doubt) = named.into_iter().find_map(doubt) {
            return Known::Unknown(doubt.to_owned());
        }
        let policies = keys.into_iter().map(|it| self.policy(it)).collect();
        match fact.properties.get("permissionsBoundaryArn") {
            None => Known::Unknown(format!("the permissions boundary of {key}")),
            Some(boundary) => {
                let boundary = boundary.as_str().map(|arn| self.boundary(arn, &fact.account));
                Known::Known(Identity { policies, boundary })
            }
        }
    }

    /// A policy of AWS is an entity of each account that uses it.
    fn boundary(&self, arn: &str, account: &AccountId) -> Arc<Policy> {
        if Key::from(arn).arn_account() == Some("aws") {
            return self.policy(&format!("aws_iam_policy:{account}:{arn}"));
        }
        self.policy(arn)
    }

    /// What the Allow statements of somebody's policies name, each once.
    pub fn grants(identity: &Identity) -> BTreeSet<Grant> {
        identity.policies.iter().flat_map(|it| grants_of(it)).collect()
    }
}

/// What the Allow statements of a policy name, as far as it can be asked for.
pub(super) fn grants_of(policy: &Policy) -> Vec<Grant> {
    let grant = |(action, resource): (&str, &str)| {
        let resource = without_variables(resource);
        Action::read(action)?;
        Target::read(&resource)?;
        Some(Grant { action: action.trim().to_owned(), resource })
    };
    policy.grants().filter_map(grant).collect()
}

/// The text with `*` in place of every variable.
fn without_variables(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        plain.push_str(before);
        plain.push('*');
        rest = after.split_once('}').map_or("", |(_, after)| after);
    }
    plain.push_str(rest);
    plain
}

fn is_principal(fact: &Fact) -> bool {
    fact.entity_type == AWS_IAM_USER || fact.entity_type == AWS_IAM_ROLE
}

/// Whether the trust policy of a role lets sessions bring tags; where it is not read, they may.
fn takes_session_tags(role: &Fact) -> bool {
    let Some(document) = role.properties.get("assumeRolePolicy") else { return true };
    let policy = Policy::read("", document);
    let Some(tagging) = ActionPattern::read("sts:TagSession") else { return true };
    !policy.unread.is_empty() || policy.allows_action(&tagging.all())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_any_text_where_grants_are_listed() {
        assert_eq!(without_variables("a/${aws:username}/${*}b"), "a/*/*b");
        assert_eq!(without_variables("a/${open"), "a/*");
        assert_eq!(without_variables("a/$b"), "a/$b");
    }
}
