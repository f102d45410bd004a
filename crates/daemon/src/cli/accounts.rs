//! `orgraph accounts`: the known accounts.

use comfy_table::{ContentArrangement, Table, presets};
use orgraph_config::Config;
use orgraph_store::AccountRow;
use serde_json::json;

use super::DONE;
use super::safe::Safe;
use crate::system::Graph;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// One JSON array instead of a table.
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(args: &Args, config: &Config) -> anyhow::Result<u8> {
    let graph = Graph::open(config).await?;
    let listed = graph.store.accounts().await;
    graph.close().await?;
    let accounts = listed?;
    if args.json {
        let accounts: Vec<_> = accounts.iter().map(as_json).collect();
        println!("{}", serde_json::to_string_pretty(&accounts)?);
        return Ok(DONE);
    }
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(["account", "name", "state", "entities", "relationships", "last run", "reason"]);
    for it in &accounts {
        let last_run = it.last_run_finished_at.map(|at| at.format("%Y-%m-%d %H:%M:%SZ").to_string());
        table.add_row([
            it.account.to_string(),
            Safe(it.name.as_deref().unwrap_or_default()).to_string(),
            it.state.to_string(),
            it.entities.to_string(),
            it.relationships.to_string(),
            last_run.unwrap_or_default(),
            Safe(it.state_reason.as_deref().unwrap_or_default()).to_string(),
        ]);
    }
    println!("{table}");
    Ok(DONE)
}

fn as_json(it: &AccountRow) -> serde_json::Value {
    json!({
        "account_id": it.account,
        "name": it.name,
        "state": it.state.as_str(),
        "state_reason": it.state_reason,
        "management": it.management,
        "entities": it.entities,
        "relationships": it.relationships,
        "first_seen": it.first_seen,
        "next_due_at": it.next_due_at,
        "last_run_started_at": it.last_run_started_at,
        "last_run_finished_at": it.last_run_finished_at,
    })
}
