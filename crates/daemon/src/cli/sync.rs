//! `orgraph sync`: one pass now.

use std::collections::{BTreeMap, HashMap};
use std::io::IsTerminal;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::bail;
use futures_util::{StreamExt, stream};
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use orgraph_config::Config;
use orgraph_model::{AccountId, Outcome, Partition, Region, Status};
use orgraph_plan::AccountState;
use tokio_util::sync::CancellationToken;

use super::safe::Safe;
use super::{DEGRADED, DONE, FAILED};
use crate::account_run::{self, Ended, Wanted};
use crate::derive;
use crate::report::{Changes, Progress, Report};
use crate::system::{Graph, System};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Only this account; may be given several times.
    #[arg(long, value_name = "ID")]
    account: Vec<AccountId>,
    /// Only this region, or `global`; may be given several times.
    #[arg(long)]
    region: Vec<Region>,
    /// Only this service, such as ec2; may be given several times.
    #[arg(long)]
    service: Vec<String>,
}

pub(crate) async fn run(args: Args, config: Config) -> anyhow::Result<u8> {
    let known = crate::settings::service_names();
    if let Some(unknown) = args.service.iter().find(|it| !known.contains(&it.as_str())) {
        bail!("there is no service {unknown:?}; the services are {}", known.join(", "));
    }
    let config = Arc::new(config);
    let graph = Graph::open(&config).await?;
    let passed = pass(&args, &config, &graph).await;
    graph.close().await?;
    passed
}

async fn pass(args: &Args, config: &Arc<Config>, graph: &Graph) -> anyhow::Result<u8> {
    let system = System::open(Arc::clone(config), graph.store.clone()).await?;
    system.know_accounts().await?;
    system.keep_house(crate::clock::now()).await?;
    let stop = CancellationToken::new();
    let on_interrupt = stop.clone();
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            on_interrupt.cancel();
        }
    });
    let wanted = Wanted {
        everything: true,
        regions: (!args.region.is_empty()).then(|| args.region.clone()),
        services: (!args.service.is_empty()).then(|| args.service.clone()),
    };
    let bars = Bars::new();

    // The management account first: it lists the organization, so it decides which accounts there are.
    let mut ended = Vec::new();
    let management =
        system.management.clone().filter(|it| args.account.is_empty() || args.account.contains(it));
    if let Some(management) = &management {
        ended.push(one(&system, management, &wanted, &bars, &stop).await);
    }
    let accounts: Vec<AccountId> =
        chosen(&system, args).await?.into_iter().filter(|it| Some(it) != management.as_ref()).collect();
    let others = stream::iter(&accounts).map(|account| one(&system, account, &wanted, &bars, &stop));
    ended.extend(others.buffer_unordered(config.limits.accounts as usize).collect::<Vec<_>>().await);
    // Only now is every account as it is, so that what they say about each other is too.
    let mut opened: BTreeMap<AccountId, &mut Report> = BTreeMap::new();
    for (account, ended) in &mut ended {
        if let Ok(Ended::Ran(report)) = ended
            && report.state != AccountState::Failing
            && !report.is_interrupted
        {
            opened.insert(account.clone(), report);
        }
    }
    let accounts: Vec<AccountId> = opened.keys().cloned().collect();
    let derived = derive::everywhere(
        &system,
        &accounts,
        || stop.is_cancelled(),
        |again| {
            if let Some(report) = opened.get_mut(&again.account) {
                report.join(again);
            }
        },
    );
    let derived = derived.await;
    bars.finish();
    derived?;

    if ended.is_empty() {
        bail!("there is no account to read");
    }
    Ok(summarize(&ended))
}

async fn chosen(system: &System, args: &Args) -> anyhow::Result<Vec<AccountId>> {
    let known = system.store.accounts().await?;
    if args.account.is_empty() {
        return Ok(known.into_iter().filter(|it| it.state.is_collected()).map(|it| it.account).collect());
    }
    for account in &args.account {
        match known.iter().find(|it| it.account == *account) {
            None => bail!(
                "account {account} is not known; run `orgraph sync` once to discover the organization, or name it in [[account]]"
            ),
            Some(it) if !it.state.is_collected() => {
                bail!(
                    "account {account} is {}: {}",
                    it.state,
                    it.state_reason.as_deref().unwrap_or("no reason recorded")
                )
            }
            Some(_) => {}
        }
    }
    Ok(args.account.clone())
}

async fn one(
    system: &System,
    account: &AccountId,
    wanted: &Wanted,
    bars: &Bars,
    stop: &CancellationToken,
) -> (AccountId, anyhow::Result<Ended>) {
    let ended = account_run::run(system, account, wanted, bars, stop).await;
    bars.account_ended(account, &ended);
    (account.clone(), ended)
}

fn summarize(ended: &[(AccountId, anyhow::Result<Ended>)]) -> u8 {
    let mut changes = Changes::default();
    let mut partitions = 0;
    let mut missing = Vec::new();
    let mut useful = 0;
    for (account, ended) in ended {
        match ended {
            Err(error) => missing.push(format!("{account}: {error:#}")),
            Ok(Ended::Busy) => missing.push(format!("{account}: another orgraph is reading it")),
            Ok(Ended::NotDue) => {}
            Ok(Ended::Ran(report)) => {
                partitions += report.partitions.len();
                changes.join(report.changes);
                useful += report.partitions.iter().filter(|(_, it)| it.status.has_rows()).count();
                missing.extend(reasons(report));
            }
        }
    }
    println!(
        "{} accounts, {partitions} partitions: {} created, {} changed, {} removed, {} removals held",
        ended.len(),
        changes.created,
        changes.changed,
        changes.removed,
        changes.held
    );
    if missing.is_empty() {
        println!("complete");
        return DONE;
    }
    println!("not complete; what is missing keeps its last good rows:");
    for reason in &missing {
        println!("  {}", Safe(reason));
    }
    if useful == 0 { FAILED } else { DEGRADED }
}

fn reasons(report: &Report) -> Vec<String> {
    let account = &report.account;
    if let (AccountState::Failing, Some(reason)) = (report.state, &report.reason) {
        return vec![format!("{account}: {}: {reason}", report.state)];
    }
    let mut reasons: Vec<String> = report
        .partitions
        .iter()
        .filter(|(_, outcome)| {
            !matches!(outcome.status, Status::Complete | Status::RegionDisabled | Status::Unsupported)
        })
        .map(|(partition, outcome)| {
            let reason = outcome.reason.as_deref().unwrap_or("no reason recorded");
            format!("{account} {} {}: {}: {reason}", partition.region, partition.collector, outcome.status)
        })
        .collect();
    if reasons.is_empty() && matches!(report.state, AccountState::Failing | AccountState::Degraded) {
        reasons.push(format!(
            "{account}: {}: {}",
            report.state,
            report.reason.as_deref().unwrap_or("no reason recorded")
        ));
    }
    reasons
}

/// One bar per account on a terminal, one line per account elsewhere.
struct Bars {
    shown: Option<MultiProgress>,
    bars: Mutex<HashMap<AccountId, ProgressBar>>,
}

impl Bars {
    fn new() -> Self {
        let shown = std::io::stderr().is_terminal().then(MultiProgress::new);
        Self { shown, bars: Mutex::default() }
    }

    fn account_ended(&self, account: &AccountId, ended: &anyhow::Result<Ended>) {
        if let Some(bar) = self.bars.lock().unwrap_or_else(PoisonError::into_inner).remove(account) {
            bar.finish_and_clear();
        }
        let line = match ended {
            Ok(Ended::Ran(report)) => {
                let reason = report.reason.as_deref().map(|it| format!(": {it}")).unwrap_or_default();
                {
                    let read = report.partitions.iter().filter(|(_, it)| it.status.has_rows()).count();
                    format!(
                        "{account} {} ({read} of {} partitions read){reason}",
                        report.state,
                        report.partitions.len()
                    )
                }
            }
            Ok(Ended::Busy) => format!("{account} is being read by another orgraph"),
            Ok(Ended::NotDue) => return,
            Err(error) => format!("{account} failed: {error:#}"),
        };
        match &self.shown {
            Some(shown) => drop(shown.println(Safe(&line).to_string())),
            None => println!("{}", Safe(&line)),
        }
    }

    fn finish(&self) {
        if let Some(shown) = &self.shown {
            let _ = shown.clear();
        }
    }
}

impl Progress for Bars {
    fn planned(&self, account: &AccountId, partitions: usize) {
        let Some(shown) = &self.shown else { return };
        let style = ProgressStyle::with_template("{prefix} {wide_bar} {pos}/{len} {msg:30!}");
        let bar = shown.add(ProgressBar::new(partitions as u64)).with_prefix(account.to_string());
        if let Ok(style) = style {
            bar.set_style(style);
        }
        self.bars.lock().unwrap_or_else(PoisonError::into_inner).insert(account.clone(), bar);
    }

    fn ended(&self, partition: &Partition, _: &Outcome) {
        if let Some(bar) = self.bars.lock().unwrap_or_else(PoisonError::into_inner).get(&partition.account) {
            bar.set_message(format!("{} {}", partition.region, partition.collector));
            bar.inc(1);
        }
    }
}
