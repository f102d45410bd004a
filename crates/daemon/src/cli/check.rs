//! `orgraph check`: is everything there that a run needs?

use std::sync::Arc;

use futures_util::{StreamExt, stream};
use orgraph_config::Config;
use orgraph_model::AccountId;

use super::safe::Safe;
use super::{DONE, FAILED};
use crate::settings;
use crate::system::{Graph, System};

pub(crate) async fn run(config: Config) -> anyhow::Result<u8> {
    let config = Arc::new(config);
    println!("ok       configuration");
    let graph = Graph::open(&config).await?;
    println!("ok       database");
    let checked = accounts(&config, &graph).await;
    graph.close().await?;
    checked
}

async fn accounts(config: &Arc<Config>, graph: &Graph) -> anyhow::Result<u8> {
    let system = System::open(Arc::clone(config), graph.store.clone()).await?;
    println!("ok       credentials");
    let mut accounts: Vec<(AccountId, Option<String>)> = graph
        .store
        .accounts()
        .await?
        .into_iter()
        .filter(|it| it.state.is_collected())
        .map(|it| (it.account, it.name))
        .collect();
    for account in config
        .accounts
        .iter()
        .filter_map(|it| it.id.parse::<AccountId>().ok())
        .chain(system.management.clone())
    {
        if !accounts.iter().any(|(it, _)| *it == account) {
            accounts.push((account, None));
        }
    }
    let opened = stream::iter(accounts).map(|(account, name)| {
        let target = settings::target(config, &account, name.as_deref(), system.management.as_ref());
        let aws = Arc::clone(&system.aws);
        async move { (account, aws.open(target, "check").await) }
    });
    let opened: Vec<_> = opened.buffered(config.limits.accounts as usize).collect().await;
    let mut failed = 0;
    for (account, session) in &opened {
        match session {
            Ok(_) => println!("ok       account {account}"),
            Err(error) => {
                failed += 1;
                println!("FAILED   account {account}: {}", Safe(&error.to_string()));
            }
        }
    }
    println!("{} accounts can be opened, {failed} cannot", opened.len() - failed);
    if system.management.is_some() && opened.len() == 1 {
        println!("the members are known after the first `orgraph sync`");
    }
    Ok(if failed == 0 { DONE } else { FAILED })
}
