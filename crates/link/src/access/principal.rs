//! Whom a statement of a resource's policy names, and how far what it grants them is limited by their own policies.

use orgraph_model::AccountId;
use serde_json::Value;

use super::Tri;
use super::need::Need;
use super::request::{Kind, Requester};
use crate::trust::principal::{Principal, principals};

/// Whom a statement concerns.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Whom {
    /// It does not say: the policy is that of whoever has it.
    Unsaid,
    Only(Vec<Who>),
    AllBut(Vec<Who>),
}

/// One principal as a policy names it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Who {
    Everyone,
    Account(AccountId),
    Federated {
        account: AccountId,
        name: String,
    },
    User(String),
    Role(String),
    Session {
        account: AccountId,
        role: String,
        session: String,
    },
    UniqueId {
        id: String,
        session: Option<String>,
    },
    Service(String),
    /// Somebody who signed in elsewhere, which is done before there is a session.
    Elsewhere,
    /// One that is named in a way that tells nothing here.
    Unreadable(String),
}

/// How close a grant is to who asks: the closer, the less of their own policies has to agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Closeness {
    /// The account, which may pass it on by its own policies.
    Account,
    /// The role. Its boundary and the policy of its session limit it.
    Role,
    /// The user. Only the policy of a session limits it.
    User,
    /// Whoever asks, as it asks: everybody, or one session.
    Direct,
}

impl Closeness {
    pub(super) const ALL: [Self; 4] = [Self::Account, Self::Role, Self::User, Self::Direct];
}

impl Whom {
    pub(super) fn read(statement: &Value) -> Self {
        match (statement.get("Principal"), statement.get("NotPrincipal")) {
            (Some(named), _) => Self::Only(read(named)),
            (None, Some(named)) => Self::AllBut(read(named)),
            (None, None) => Self::Unsaid,
        }
    }

    /// How it concerns who asks, by closeness. Something is asked of each of them, so that `needs` are those of all.
    pub(super) fn concerns(
        &self,
        requester: &Requester,
        is_denial: bool,
        needs: &mut Vec<Need>,
    ) -> Vec<(Closeness, Tri)> {
        match self {
            Self::Unsaid => vec![(Closeness::Direct, Tri::Yes)],
            Self::Only(named) => {
                let mut concerns: Vec<(Closeness, Tri)> = Vec::new();
                for who in named {
                    let (closeness, is) = who.is(requester, needs);
                    if is != Tri::No {
                        concerns.push((closeness, is));
                    }
                }
                concerns
            }
            // AWS: `NotPrincipal` denies everybody who has a permissions boundary, named or not.
            Self::AllBut(_) if is_denial && requester.has_boundary => vec![(Closeness::Direct, Tri::Yes)],
            Self::AllBut(named) => {
                let is = is_excepted(named, requester, needs).not();
                if is == Tri::No { Vec::new() } else { vec![(Closeness::Direct, is)] }
            }
        }
    }
}

fn read(named: &Value) -> Vec<Who> {
    let kinds = named.as_object().map(|it| it.keys().map(String::as_str).collect::<Vec<_>>());
    let mut who: Vec<Who> = principals(named, "aws").into_iter().map(|(text, read)| of(text, read)).collect();
    // Of a bucket's policy; whose canonical ID it is, is not read.
    if kinds.is_some_and(|it| it.contains(&"CanonicalUser")) {
        who.push(Who::Unreadable("a canonical user ID".to_owned()));
    }
    who.sort();
    who.dedup();
    who
}

fn of(text: &str, read: Option<Principal<'_>>) -> Who {
    match read {
        Some(Principal::Everyone) => Who::Everyone,
        Some(Principal::Account { account, session: None, .. }) => Who::Account(account),
        Some(Principal::Account { account, session: Some(name), .. }) => {
            Who::Federated { account, name: name.to_owned() }
        }
        Some(Principal::User { arn, .. }) => Who::User(arn.to_owned()),
        Some(Principal::Role { arn, .. }) => Who::Role(arn.to_owned()),
        Some(Principal::Session { account, role, session: Some(session), .. }) => {
            Who::Session { account, role: role.to_owned(), session: session.to_owned() }
        }
        Some(Principal::UniqueId { id, session }) => {
            Who::UniqueId { id: id.to_owned(), session: session.map(str::to_owned) }
        }
        Some(Principal::Service(name)) => Who::Service(name.to_ascii_lowercase()),
        Some(Principal::Saml { .. } | Principal::Oidc { .. } | Principal::Web(_)) => Who::Elsewhere,
        Some(Principal::Session { session: None, .. }) | None => Who::Unreadable(text.to_owned()),
    }
}

impl Who {
    /// Whether who asks is meant by it, and how closely.
    fn is(&self, requester: &Requester, needs: &mut Vec<Need>) -> (Closeness, Tri) {
        let of_kind = match requester.kind {
            Kind::User => Closeness::User,
            Kind::Role { .. } => Closeness::Role,
            Kind::Root | Kind::Service | Kind::Anybody => Closeness::Direct,
        };
        let is_role = matches!(requester.kind, Kind::Role { .. });
        match self {
            Self::Everyone => (Closeness::Direct, Tri::Yes),
            Self::Account(account) => {
                let closeness =
                    if requester.kind == Kind::Root { Closeness::Direct } else { Closeness::Account };
                (closeness, (requester.account.as_ref() == Some(account)).into())
            }
            Self::User(arn) => (of_kind, (requester.kind == Kind::User && requester.arn == *arn).into()),
            Self::Role(arn) => (of_kind, (is_role && requester.arn == *arn).into()),
            Self::Session { account, role, session } => {
                let is_of_role = is_role
                    && requester.account.as_ref() == Some(account)
                    && requester.name().eq_ignore_ascii_case(role);
                (Closeness::Direct, Tri::from(is_of_role).and(is_session(requester, session, needs)))
            }
            Self::UniqueId { id, session } => {
                let is_id = match &requester.unique_id {
                    Some(unique_id) => unique_id.eq_ignore_ascii_case(id).into(),
                    None if requester.account.is_some() && requester.kind != Kind::Root => {
                        needs.push(Need::Fact(format!("the unique ID of {}", requester.arn)));
                        Tri::Unknown
                    }
                    None => Tri::No,
                };
                match session {
                    Some(session) if is_id != Tri::No => {
                        (Closeness::Direct, is_id.and(is_session(requester, session, needs)))
                    }
                    _ => (of_kind, is_id),
                }
            }
            Self::Service(name) => {
                let is = requester.kind == Kind::Service && requester.arn.eq_ignore_ascii_case(name);
                (Closeness::Direct, is.into())
            }
            Self::Federated { .. } | Self::Elsewhere => (Closeness::Direct, Tri::No),
            Self::Unreadable(text) => {
                if requester.account.is_none() {
                    return (Closeness::Direct, Tri::No);
                }
                needs.push(Need::Statement(format!("whether {} is the principal {text}", requester.arn)));
                (Closeness::Account, Tri::Unknown)
            }
        }
    }
}

fn is_session(requester: &Requester, session: &str, needs: &mut Vec<Need>) -> Tri {
    match &requester.kind {
        Kind::Role { session: Some(own) } => (own == session).into(),
        Kind::Role { session: None } => {
            needs.push(Need::Choice(format!("whether the session of {} is called {session}", requester.arn)));
            Tri::Unknown
        }
        _ => Tri::No,
    }
}

/// Whether `NotPrincipal` leaves who asks out. AWS wants the account named besides the user or role, since it may look
/// at one after the other. Whoever is named in part only may be left out or not.
fn is_excepted(named: &[Who], requester: &Requester, needs: &mut Vec<Need>) -> Tri {
    let (mut is_account, mut is_itself, mut is_session) = (Tri::No, Tri::No, Tri::No);
    for who in named {
        let (_, is) = who.is(requester, needs);
        match who {
            Who::Everyone if is == Tri::Yes => return Tri::Yes,
            Who::Account(_) => is_account = is_account.or(is),
            Who::Session { .. } | Who::UniqueId { session: Some(_), .. } => is_session = is_session.or(is),
            _ => is_itself = is_itself.or(is),
        }
    }
    let (all, any) = match requester.kind {
        Kind::User | Kind::Role { .. } => {
            (is_account.and(is_itself), Tri::any([is_account, is_itself, is_session]))
        }
        Kind::Root => (is_account, is_account),
        Kind::Service | Kind::Anybody => (is_itself, is_itself),
    };
    if all == any {
        return all;
    }
    needs.push(Need::Statement(format!(
        "whether NotPrincipal leaves out {}, of which it does not name the account together with the user or role",
        requester.arn
    )));
    Tri::Unknown
}

/// Accounts that a policy names as principals in some way, or everybody.
pub(super) fn named(whom: &Whom) -> Named {
    let listed = match whom {
        Whom::Unsaid => return Named::default(),
        Whom::AllBut(_) => return Named { everybody: true, ..Named::default() },
        Whom::Only(listed) => listed,
    };
    let mut all = Named::default();
    for who in listed {
        match who {
            Who::Everyone | Who::Unreadable(_) | Who::UniqueId { .. } => all.everybody = true,
            Who::Account(account) | Who::Federated { account, .. } | Who::Session { account, .. } => {
                all.accounts.insert(account.clone());
            }
            Who::User(arn) | Who::Role(arn) => {
                all.accounts.extend(arn.split(':').nth(4).and_then(|it| it.parse().ok()));
            }
            Who::Service(name) => {
                all.services.insert(name.clone());
            }
            Who::Elsewhere => {}
        }
    }
    all
}

/// Whom a policy speaks of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Named {
    /// Whether principals of any account may be meant.
    pub(super) everybody: bool,
    pub(super) accounts: std::collections::BTreeSet<AccountId>,
    pub(super) services: std::collections::BTreeSet<String>,
}
