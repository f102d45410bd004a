//! Who may do what in the end: what is asked, the facts it rests on, and the answer. The command line and the API ask the
//! same here; how an answer is shown is theirs.

mod answer;
mod facts;
mod input;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use anyhow::bail;
use orgraph_link::access::{
    Action, Answer, Candidate, Context, Decision, Directory, Grant, Guardrails, Identity, Kind, Known,
    LayerKind, Membership, Policy, Question, Requester, Resource, Target, decide,
};
use orgraph_model::AccountId;
use orgraph_store::Store;

pub(crate) use self::answer::{Asked, Explained, Listed, Row};
pub(crate) use self::input::{BadInput, Given, Who, action, bad, principal, target};

use self::facts::{Facts, Scope};

/// Whether somebody waits for the answer.
pub(crate) type GoesOn<'a> = &'a (dyn Fn() -> bool + Sync);

/// Who may do something to a resource.
#[derive(Debug)]
pub(crate) struct WhoCan {
    directory: Directory,
    action: Action,
    target: Target,
    resource: Resource,
    /// The accounts whose principals count.
    accounts: BTreeSet<AccountId>,
}

/// What a principal may do.
#[derive(Debug)]
pub(crate) struct WhatCan {
    directory: Directory,
    who: Who,
}

/// Whether a principal may do something to a resource.
#[derive(Debug)]
pub(crate) struct Explain {
    directory: Directory,
    who: Who,
    action: Action,
    target: Target,
}

impl Explain {
    /// Reads what the answer rests on.
    pub(crate) async fn load(
        store: &Store,
        who: Who,
        action: Action,
        target: Target,
    ) -> anyhow::Result<Self> {
        let scope = Scope {
            accounts: Some(who.account().into_iter().collect()),
            keys: Directory::keys_of(&target),
            all_resources: false,
        };
        let directory = facts::load(store, scope).await?;
        Ok(Self { directory, who, action, target })
    }

    /// Decides. Computes: not for an async task.
    pub(crate) fn answer(self, given: &Given) -> anyhow::Result<Explained> {
        let candidate = self.who.candidate(&self.directory)?;
        let resource = self.directory.resource(self.target, candidate.requester.account.as_ref());
        let decision = Asker::new(&self.directory, given).decide(&candidate, &self.action, &resource);
        let asked = Asked {
            principal: Some(self.who.text().to_owned()),
            action: Some(self.action.text().to_owned()),
            resource: Some(resource.target.text().to_owned()),
        };
        Ok(Explained::new(asked, decision))
    }
}

impl WhoCan {
    /// Reads what the answer rests on.
    pub(crate) async fn load(store: &Store, action: Action, target: Target) -> anyhow::Result<Self> {
        let mut read = Facts::of_resources(store, &Directory::keys_of(&target)).await?;
        let resource = read.directory().resource(target.clone(), None);
        // Only principals of accounts that the resource can let in are read; all where nothing says which.
        let accounts = match &target {
            Target::One(_) => Directory::accounts_let_in(&resource),
            Target::Nothing | Target::Many(_) | Target::Everything => target.account().map(|it| [it].into()),
        };
        read.add_principals(store, accounts.as_ref()).await?;
        // Where nothing says which, every account that is known counts: one that was never read is not one that may not.
        let accounts = match accounts {
            Some(accounts) => accounts,
            None => store.accounts().await?.into_iter().map(|it| it.account).collect(),
        };
        Ok(Self { directory: read.into_directory(), action, target, resource, accounts })
    }

    /// Decides. Computes: not for an async task.
    pub(crate) fn answer(self, given: &Given, goes_on: GoesOn<'_>) -> anyhow::Result<Listed> {
        let Self { directory, action, target, resource, accounts } = self;
        let mut decisions = Asker::new(&directory, given);
        let mut rows = Vec::new();
        let mut denied = 0_usize;
        let roots: Vec<Candidate> =
            directory.accounts().iter().filter_map(|it| directory.root_of(it)).collect();
        let (services, everybody) = match target {
            Target::One(_) => Directory::outsiders_let_in(&resource),
            _ => (BTreeSet::new(), false),
        };
        let outsiders = services
            .iter()
            .map(|it| Requester::service(it))
            .chain(everybody.then(Requester::anybody))
            .map(|requester| Candidate { requester, identity: Known::Known(Identity::default()) });
        let shared = matches!(target, Target::One(_)).then_some(&resource);
        for candidate in directory.candidates().chain(roots).chain(outsiders) {
            if !goes_on() {
                bail!("nobody waits for the answer any more");
            }
            let own;
            let resource = if let Some(resource) = shared {
                resource
            } else {
                // What is no single resource is asked for in the account of who asks.
                own = directory.resource(target.clone(), candidate.requester.account.as_ref());
                &own
            };
            let decision = decisions.decide(&candidate, &action, resource);
            if decision.answer == Answer::Denied {
                denied += 1;
            } else {
                rows.push(Row::of_principal(&candidate.requester, decision));
            }
        }
        let read = directory.accounts();
        rows.extend(accounts.iter().filter(|it| !read.contains(it)).map(Row::of_unread_account));
        let asked = Asked {
            principal: None,
            action: Some(action.text().to_owned()),
            resource: Some(target.text().to_owned()),
        };
        Ok(Listed::new(asked, rows, denied))
    }
}

impl WhatCan {
    /// Reads what the answer rests on.
    pub(crate) async fn load(store: &Store, who: Who) -> anyhow::Result<Self> {
        let accounts = Some(who.account().into_iter().collect());
        let scope = Scope { accounts, keys: BTreeSet::new(), all_resources: true };
        Ok(Self { directory: facts::load(store, scope).await?, who })
    }

    /// Decides. Computes: not for an async task.
    pub(crate) fn answer(self, given: &Given, goes_on: GoesOn<'_>) -> anyhow::Result<Listed> {
        let Self { directory, who } = self;
        let candidate = who.candidate(&directory)?;
        let account = candidate.requester.account.clone();
        let mut grants = directory.grants_of_resources(account.as_ref());
        if let Known::Known(identity) = &candidate.identity {
            grants.extend(Directory::grants(identity));
        }
        if candidate.requester.kind == Kind::Root {
            // No policy says so.
            grants.insert(Grant { action: "*".to_owned(), resource: "*".to_owned() });
        }
        let mut decisions = Asker::new(&directory, given);
        let mut rows = Vec::new();
        let mut denied = 0_usize;
        for grant in grants {
            if !goes_on() {
                bail!("nobody waits for the answer any more");
            }
            let (Some(action), Some(target)) = (Action::read(&grant.action), Target::read(&grant.resource))
            else {
                continue;
            };
            let resource = directory.resource(target, account.as_ref());
            let decision = decisions.decide(&candidate, &action, &resource);
            if decision.answer == Answer::Denied {
                denied += 1;
            } else {
                rows.push(Row::of_grant(grant, decision));
            }
        }
        if let Known::Unknown(why) = &candidate.identity {
            rows.push(Row::of_unread_identity(why));
        }
        let asked = Asked { principal: Some(who.text().to_owned()), ..Asked::default() };
        Ok(Listed::new(asked, rows, denied))
    }
}

/// Asks many questions of one directory, and looks up once what is the same for an account.
struct Asker<'a> {
    directory: &'a Directory,
    session: Option<&'a Arc<Policy>>,
    context: &'a Context,
    accounts: HashMap<AccountId, Standing>,
    nobody: Standing,
}

/// Where an account stands, and what its organization puts on it.
struct Standing {
    membership: Known<Membership>,
    scps: Known<Guardrails>,
    rcps: Known<Guardrails>,
}

impl<'a> Asker<'a> {
    fn new(directory: &'a Directory, given: &'a Given) -> Self {
        let unknown = || "the account that owns the resource".to_owned();
        Self {
            directory,
            session: given.session.as_ref(),
            context: &given.context,
            accounts: HashMap::new(),
            nobody: Standing {
                membership: Known::Unknown(unknown()),
                scps: Known::Unknown(unknown()),
                rcps: Known::Unknown(unknown()),
            },
        }
    }

    fn decide(&mut self, candidate: &Candidate, action: &Action, resource: &Resource) -> Decision {
        for account in [&candidate.requester.account, &resource.account].into_iter().flatten() {
            if !self.accounts.contains_key(account) {
                let standing = Standing {
                    membership: self.directory.membership(account),
                    scps: self.directory.guardrails(account, LayerKind::Scp),
                    rcps: self.directory.guardrails(account, LayerKind::Rcp),
                };
                self.accounts.insert(account.clone(), standing);
            }
        }
        let standing = |account: &Option<AccountId>| {
            account.as_ref().and_then(|it| self.accounts.get(it)).unwrap_or(&self.nobody)
        };
        let (own, owner) = (standing(&candidate.requester.account), standing(&resource.account));
        decide(&Question {
            requester: &candidate.requester,
            identity: &candidate.identity,
            session: self.session,
            membership: &own.membership,
            scps: &own.scps,
            action,
            resource,
            resource_membership: &owner.membership,
            rcps: &owner.rcps,
            context: self.context,
        })
    }
}
