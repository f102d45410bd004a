//! `orgraph status`: what the graph rests on.

use chrono::{DateTime, Utc};
use comfy_table::{ContentArrangement, Table, presets};
use orgraph_config::Config;
use orgraph_model::Status;
use orgraph_store::PartitionState;
use serde_json::json;

use super::safe::Safe;
use super::{DEGRADED, DONE};
use crate::system::Graph;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Every partition, not only those that are not complete.
    #[arg(long)]
    all: bool,
    /// One JSON array of partitions instead of a table.
    #[arg(long)]
    json: bool,
}

/// Ends with 3 when a partition is not complete.
pub(crate) async fn run(args: &Args, config: &Config) -> anyhow::Result<u8> {
    let graph = Graph::open(config).await?;
    let read = graph.store.coverage().await;
    graph.close().await?;
    let rows = read?;
    let missing = rows.iter().filter(|it| !is_fine(it)).count();
    let code = if missing == 0 { DONE } else { DEGRADED };
    if args.json {
        let rows: Vec<_> = rows.iter().map(as_json).collect();
        println!("{}", serde_json::to_string_pretty(&rows)?);
        return Ok(code);
    }
    println!("{} partitions, {missing} of them not complete", rows.len());
    let shown: Vec<_> =
        rows.iter().filter(|it| args.all || !is_fine(it) || it.held_since.is_some()).collect();
    if !shown.is_empty() {
        println!("{}", table(&shown));
    }
    Ok(code)
}

fn is_fine(it: &PartitionState) -> bool {
    matches!(it.status, Some(Status::Complete | Status::RegionDisabled | Status::Unsupported))
}

fn table(rows: &[&PartitionState]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header([
        "account",
        "region",
        "collector",
        "status",
        "last complete",
        "entities",
        "held since",
        "reason",
    ]);
    let time = |at: Option<DateTime<Utc>>| at.map(|it| it.format("%Y-%m-%d %H:%M:%SZ").to_string());
    for it in rows {
        table.add_row([
            it.partition.account.to_string(),
            it.partition.region.to_string(),
            it.partition.collector.clone(),
            it.status.map_or("never", Status::as_str).to_owned(),
            time(it.last_complete_at).unwrap_or_else(|| "never".to_owned()),
            it.entities.to_string(),
            time(it.held_since).unwrap_or_default(),
            Safe(it.reason.as_deref().unwrap_or_default()).to_string(),
        ]);
    }
    table
}

fn as_json(it: &PartitionState) -> serde_json::Value {
    json!({
        "account_id": it.partition.account,
        "region": it.partition.region,
        "collector": it.partition.collector,
        "status": it.status.map_or("never", Status::as_str),
        "reason": it.reason,
        "last_attempt_at": it.last_attempt_at,
        "last_complete_at": it.last_complete_at,
        "entities": it.entities,
        "relationships": it.relationships,
        "held_since": it.held_since,
    })
}
