//! `orgraph access`: who may do what in the end.

mod facts;
mod input;
mod show;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use clap::{Subcommand, ValueEnum};
use orgraph_config::Config;
use orgraph_link::access::{
    Action, Answer, Candidate, Context, Decision, Directory, Grant, Guardrails, Identity, Kind, Known,
    LayerKind, Membership, Policy, Question, Requester, Resource, Target, decide,
};
use orgraph_model::AccountId;

use self::facts::Scope;
use self::input::{BadInput, Given};
use self::show::{Asked, Row};
use super::safe::Safe;
use super::{DONE, MISCONFIGURED};
use crate::system::Graph;

#[derive(Subcommand)]
pub(crate) enum Command {
    /// List who may do something to a resource, and for whom that is unknown and why.
    WhoCan {
        /// The action, such as s3:GetObject; wildcards ask for all that fit.
        action: String,
        /// The ARN of the resource; `*` for actions on nothing in particular.
        resource: String,
        #[command(flatten)]
        request: Request,
    },
    /// List what a principal may do: what policies allow to it, less what other layers take away.
    WhatCan {
        /// The ARN of a user, a role, a session of a role or the root of an account.
        principal: String,
        #[command(flatten)]
        request: Request,
    },
    /// Say whether a principal may do something to a resource, and which statement of each layer says so.
    Explain {
        /// The ARN of a user, a role, a session of a role or the root of an account; the name of a service; or `*` for
        /// anybody.
        principal: String,
        /// The action, such as s3:GetObject; wildcards ask for all that fit.
        action: String,
        /// The ARN of the resource; `*` for actions on nothing in particular.
        resource: String,
        #[command(flatten)]
        request: Request,
    },
}

/// What is known of the request.
#[derive(clap::Args)]
pub(crate) struct Request {
    /// A key of the request with its value; again for a key with several.
    #[arg(long, value_name = "KEY=VALUE")]
    context: Vec<String>,
    /// A key that the request does not have.
    #[arg(long, value_name = "KEY")]
    absent: Vec<String>,
    /// The policy that the session is started with: a file of JSON.
    #[arg(long, value_name = "FILE")]
    session_policy: Option<std::path::PathBuf>,
    /// How to answer.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    #[default]
    Table,
    /// For programs.
    Json,
}

/// Ends with 0 when there is an answer, whatever it is, and with 2 when the question cannot be understood.
pub(crate) async fn run(command: Command, config: &Config) -> anyhow::Result<u8> {
    match answered(command, config).await {
        Ok(()) => Ok(DONE),
        Err(error) => match error.downcast_ref::<BadInput>() {
            Some(bad) => {
                eprintln!("orgraph: {}", Safe(&bad.to_string()));
                Ok(MISCONFIGURED)
            }
            None => Err(error),
        },
    }
}

async fn answered(command: Command, config: &Config) -> anyhow::Result<()> {
    // Everything that is wrong with the question is said before anything is read.
    let question = match command {
        Command::WhoCan { action, resource, request } => {
            Ask::WhoCan(input::action(&action)?, input::target(&resource)?, Given::new(&request)?)
        }
        Command::WhatCan { principal, request } => {
            Ask::WhatCan(input::principal(&principal)?, Given::new(&request)?)
        }
        Command::Explain { principal, action, resource, request } => {
            let who = input::principal(&principal)?;
            Ask::Explain(who, input::action(&action)?, input::target(&resource)?, Given::new(&request)?)
        }
    };
    let graph = Graph::open(config).await?;
    let answered = match question {
        Ask::WhoCan(action, target, given) => who_can(&graph, &action, &target, &given).await,
        Ask::WhatCan(who, given) => what_can(&graph, &who, &given).await,
        Ask::Explain(who, action, target, given) => explain(&graph, &who, &action, target, &given).await,
    };
    graph.close().await?;
    answered
}

enum Ask {
    WhoCan(Action, Target, Given),
    WhatCan(input::Who, Given),
    Explain(input::Who, Action, Target, Given),
}

async fn explain(
    graph: &Graph,
    who: &input::Who,
    action: &Action,
    target: Target,
    given: &Given,
) -> anyhow::Result<()> {
    let scope = Scope {
        accounts: Some(who.account().into_iter().collect()),
        keys: Directory::keys_of(&target),
        all_resources: false,
    };
    let directory = facts::load(graph, scope).await?;
    let candidate = who.candidate(&directory)?;
    let resource = directory.resource(target, candidate.requester.account.as_ref());
    let decision = Asker::new(&directory, given).decide(&candidate, action, &resource);
    let asked = Asked { principal: Some(who.text()), action: Some(action), target: Some(&resource.target) };
    show::decision(given.format, &asked, &decision)
}

async fn who_can(graph: &Graph, action: &Action, target: &Target, given: &Given) -> anyhow::Result<()> {
    let keys = Directory::keys_of(target);
    let mut read = facts::Facts::of_resources(graph, &keys).await?;
    let resource = read.directory().resource(target.clone(), None);
    // Only principals of accounts that the resource can let in are read; all where nothing says which.
    let accounts = match target {
        Target::One(_) => Directory::accounts_let_in(&resource),
        Target::Nothing | Target::Many(_) | Target::Everything => target.account().map(|it| [it].into()),
    };
    read.add_principals(graph, accounts.as_ref()).await?;
    let directory = read.into_directory();

    let mut decisions = Asker::new(&directory, given);
    let mut rows = Vec::new();
    let mut denied = 0_usize;
    let roots: Vec<Candidate> = directory.accounts().iter().filter_map(|it| directory.root_of(it)).collect();
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
        let own;
        let resource = if let Some(resource) = shared {
            resource
        } else {
            // What is no single resource is asked for in the account of who asks.
            own = directory.resource(target.clone(), candidate.requester.account.as_ref());
            &own
        };
        let decision = decisions.decide(&candidate, action, resource);
        if decision.answer == Answer::Denied {
            denied += 1;
        } else {
            rows.push(Row::of_principal(&candidate.requester, decision));
        }
    }
    // Where nothing says which, every account that is known counts: one that was never read is not one that may not.
    let asked_about = match accounts {
        Some(accounts) => accounts,
        None => graph.store.accounts().await?.into_iter().map(|it| it.account).collect(),
    };
    let read = directory.accounts();
    let unread = asked_about.into_iter().filter(|it| !read.contains(it));
    rows.extend(unread.map(|it| Row::of_unread_account(&it)));
    rows.sort();
    let asked = Asked { principal: None, action: Some(action), target: Some(target) };
    show::rows(given.format, &asked, &rows, denied)
}

async fn what_can(graph: &Graph, who: &input::Who, given: &Given) -> anyhow::Result<()> {
    let accounts = Some(who.account().into_iter().collect());
    let scope = Scope { accounts, keys: BTreeSet::new(), all_resources: true };
    let directory = facts::load(graph, scope).await?;
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
    rows.sort();
    let asked = Asked { principal: Some(who.text()), action: None, target: None };
    show::rows(given.format, &asked, &rows, denied)
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
