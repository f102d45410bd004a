//! The entities that principals stand for.

use std::collections::BTreeMap;

use orgraph_model::vocabulary::{
    AWS_ACCOUNT, AWS_IAM_OIDC_PROVIDER, AWS_IAM_ROLE, AWS_IAM_SAML_PROVIDER, AWS_IAM_USER, EVERYONE,
};
use orgraph_model::{AccountId, Entity, Everyone, Ref, Region};
use serde_json::json;

use super::principal::Principal;
use super::statement::Ways;
use crate::placeholder::{self, account_at, placeholder};
use crate::{Fact, Facts, services};

/// Whom a statement concerns, as an entity.
#[derive(Debug, Clone)]
pub(super) struct Target<'a> {
    pub at: Ref,
    /// The account it belongs to; nobody's for everyone.
    pub account: Option<AccountId>,
    /// The session or federated user that alone is meant.
    pub session: Option<&'a str>,
    /// What stands for it where nobody owns it.
    pub stand_in: Option<Entity>,
}

/// The users and roles that can be found other than by their ARNs.
#[derive(Debug)]
pub(super) struct Known<'a> {
    account: &'a AccountId,
    by_id: BTreeMap<String, &'a Fact>,
    role_by_name: BTreeMap<(&'a AccountId, String), &'a Fact>,
}

impl<'a> Known<'a> {
    pub(super) fn new(account: &'a AccountId, own: &'a Facts, found: &'a Facts) -> Self {
        let mut known = Self { account, by_id: BTreeMap::new(), role_by_name: BTreeMap::new() };
        let both = || [own, found].into_iter().flat_map(Facts::iter).filter(|it| !it.is("placeholder"));
        for fact in both() {
            let is_role = fact.entity_type == AWS_IAM_ROLE;
            if !is_role && fact.entity_type != AWS_IAM_USER {
                continue;
            }
            let id = fact.text(if is_role { "roleId" } else { "userId" });
            known.by_id.extend(id.map(|it| (it.to_ascii_lowercase(), fact)));
            let name = fact.text("roleName").filter(|_| is_role);
            known.role_by_name.extend(name.map(|it| ((&fact.account, it.to_ascii_lowercase()), fact)));
        }
        known
    }

    /// The entity that a principal stands for; none where it is gone.
    pub(super) fn target<'p>(&self, principal: &Principal<'p>) -> Option<Target<'p>> {
        let here =
            |at: Ref, stand_in| Target { at, account: Some(self.account.clone()), session: None, stand_in };
        Some(match principal {
            Principal::Everyone => Target {
                at: Everyone::at(),
                account: None,
                session: None,
                stand_in: Some(Everyone::named_by(self.account)),
            },
            Principal::Account { partition, account, session } => {
                let stand_in = self.is_foreign(account).then(|| placeholder::account(partition, account));
                let at = account_at(partition, account);
                Target { at, account: Some(account.clone()), session: *session, stand_in }
            }
            Principal::User { arn, account } => self.named(AWS_IAM_USER.at(*arn), account),
            Principal::Role { arn, account } => self.named(AWS_IAM_ROLE.at(*arn), account),
            Principal::Session { partition, account, role, session } => {
                let at = match self.role_by_name.get(&(account, role.to_ascii_lowercase())) {
                    Some(known) => known.at(),
                    // Its path is unknown; most roles have none.
                    None => AWS_IAM_ROLE.at(format!("arn:{partition}:iam::{account}:role/{role}")),
                };
                Target { session: *session, ..self.named(at, account) }
            }
            Principal::UniqueId { id, session } => {
                let known = self.by_id.get(&id.to_ascii_lowercase())?;
                let account = Some(known.account.clone());
                Target { at: known.at(), account, session: *session, stand_in: None }
            }
            Principal::Service(name) => {
                let (at, stand_in) = services::by_principal(self.account, name);
                here(at, stand_in)
            }
            Principal::Saml { arn, account } => self.named(AWS_IAM_SAML_PROVIDER.at(*arn), account),
            Principal::Oidc { arn, account } => {
                let host = arn.split_once(":oidc-provider/").map_or(*arn, |(_, host)| host);
                let at = AWS_IAM_OIDC_PROVIDER.at(*arn);
                let stand_in = Some(provider(&at, account, host));
                Target { at, account: Some(account.clone()), session: None, stand_in }
            }
            Principal::Web(host) => {
                let host = host.to_ascii_lowercase();
                let at = AWS_IAM_OIDC_PROVIDER.at(format!("{AWS_IAM_OIDC_PROVIDER}:{}:{host}", self.account));
                let stand_in = Some(provider(&at, self.account, &host));
                here(at, stand_in)
            }
        })
    }

    fn is_foreign(&self, account: &AccountId) -> bool {
        account != self.account
    }

    /// Something that is known by its ARN. What is in this account, its own collectors write.
    fn named<'p>(&self, at: Ref, account: &AccountId) -> Target<'p> {
        let name = at.key.as_str().rsplit('/').next().unwrap_or_default();
        let stand_in = self.is_foreign(account).then(|| placeholder(&at, account, Region::global(), name));
        Target { at, account: Some(account.clone()), session: None, stand_in }
    }
}

fn provider(at: &Ref, account: &AccountId, host: &str) -> Entity {
    let properties = [
        ("id", json!(host)),
        ("category", json!(["security"])),
        ("function", json!(["IAM"])),
        ("url", json!(format!("https://{host}"))),
        ("active", json!(true)),
    ];
    let mut entity = placeholder(at, account, Region::global(), host);
    entity.properties.extend(properties.map(|(name, value)| (name.to_owned(), value)));
    entity
}

impl Target<'_> {
    pub(super) fn is_everyone(&self) -> bool {
        self.at.entity_type == EVERYONE
    }

    /// The ways in which such a principal can assume a role at all.
    pub(super) fn ways(&self) -> Ways {
        match self.at.entity_type {
            it if it == EVERYONE => Ways::ALL,
            it if it == AWS_IAM_SAML_PROVIDER => Ways::SAML,
            it if it == AWS_IAM_OIDC_PROVIDER => Ways::WEB,
            _ => Ways::ROLE,
        }
    }

    /// Whether whoever is `other` is this too: an account has its users and roles, and a role its sessions.
    pub(super) fn covers(&self, other: &Self) -> bool {
        if self.is_everyone() {
            return true;
        }
        if self.at == other.at {
            return self.session.is_none() || self.session == other.session;
        }
        self.at.entity_type == AWS_ACCOUNT
            && self.session.is_none()
            && [AWS_IAM_USER, AWS_IAM_ROLE].contains(&other.at.entity_type)
            && self.account == other.account
    }
}
