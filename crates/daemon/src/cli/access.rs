//! `orgraph access`: who may do what in the end.

mod show;

use clap::{Subcommand, ValueEnum};
use orgraph_config::Config;
use orgraph_link::access::{Action, Target};

use super::safe::Safe;
use super::{DONE, MISCONFIGURED};
use crate::access::{BadInput, Explain, Given, WhatCan, Who, WhoCan, action, bad, principal, target};
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
    let (question, request) = match command {
        Command::WhoCan { action: what, resource, request } => {
            (Ask::WhoCan(action(&what)?, target(&resource)?), request)
        }
        Command::WhatCan { principal: who, request } => (Ask::WhatCan(principal(&who)?), request),
        Command::Explain { principal: who, action: what, resource, request } => {
            (Ask::Explain(principal(&who)?, action(&what)?, target(&resource)?), request)
        }
    };
    let given = given(&request)?;
    let graph = Graph::open(config).await?;
    let answered = async {
        let (store, goes_on) = (&graph.store, &|| true);
        match question {
            Ask::WhoCan(action, target) => {
                let answer = WhoCan::load(store, action, target).await?.answer(&given, goes_on)?;
                show::listed(request.format, &answer)
            }
            Ask::WhatCan(who) => {
                let answer = WhatCan::load(store, who).await?.answer(&given, goes_on)?;
                show::listed(request.format, &answer)
            }
            Ask::Explain(who, action, target) => {
                let answer = Explain::load(store, who, action, target).await?.answer(&given)?;
                show::explained(request.format, &answer)
            }
        }
    }
    .await;
    graph.close().await?;
    answered
}

enum Ask {
    WhoCan(Action, Target),
    WhatCan(Who),
    Explain(Who, Action, Target),
}

fn given(request: &Request) -> anyhow::Result<Given> {
    let value = |pair: &String| {
        let pair_of_both = pair.split_once('=').filter(|(key, _)| !key.trim().is_empty());
        let (key, value) =
            pair_of_both.ok_or_else(|| bad(format!("--context {pair}: expected KEY=VALUE")))?;
        anyhow::Ok((key.to_owned(), value.to_owned()))
    };
    let values = request.context.iter().map(value).collect::<Result<Vec<_>, _>>()?;
    let Some(file) = &request.session_policy else { return Given::new(&values, &request.absent, None) };
    let said = |what: &dyn std::fmt::Display| bad(format!("--session-policy {}: {what}", file.display()));
    let text = std::fs::read_to_string(file).map_err(|error| said(&error))?;
    let document = serde_json::from_str(&text).map_err(|error| said(&format!("not JSON: {error}")))?;
    Given::new(&values, &request.absent, Some((&file.display().to_string(), &document)))
}
