//! One run of one account: claim it, open it, read what is due, write what was found, look up references, let go.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use futures_util::stream::FuturesUnordered;
use futures_util::{StreamExt, stream};
use orgraph_collect::{Collector, Facts, Scope, Session, SessionError};
use orgraph_model::{AccountId, Outcome, Partition, Region, Snapshot, Status};
use orgraph_plan::{AccountState, RunSummary, state_after_run};
use orgraph_store::{Lease, PartitionState, RunEnd};
use tokio_util::sync::CancellationToken;
use tracing::{Instrument, info_span, warn};

use crate::clock::now;
use crate::due::{is_cell_due, next_due};
use crate::fan_out::{Cell, round_robin};
use crate::lease::holding;
use crate::regions::read_regions;
use crate::report::{Progress, Report};
use crate::system::System;
use crate::{derive, discovery, into_store, links, settings};

/// What is wanted of a run.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wanted {
    /// Read everything, due or not.
    pub(crate) everything: bool,
    /// Only these regions; global services are left out when this is set and does not name `global`.
    pub(crate) regions: Option<Vec<Region>>,
    /// Only these services.
    pub(crate) services: Option<Vec<String>>,
}

impl Wanted {
    fn wants(&self, collector: &Collector, region: &Region) -> bool {
        self.services.as_ref().is_none_or(|it| it.iter().any(|name| name == collector.service.name))
            && self.regions.as_ref().is_none_or(|it| it.contains(region))
    }
}

/// How a run ended.
#[derive(Debug)]
pub(crate) enum Ended {
    /// Another run holds the account.
    Busy,
    /// Somebody else ran it meanwhile.
    NotDue,
    /// It ran.
    Ran(Report),
}

/// Runs one account. An error means that the database failed; trouble with AWS is in the report.
pub(crate) async fn run(
    system: &System,
    account: &AccountId,
    wanted: &Wanted,
    progress: &dyn Progress,
    stop: &CancellationToken,
) -> anyhow::Result<Ended> {
    let lease_time = settings::delta(system.config.daemon.lease);
    let Some(lease) = system.store.claim_lease(account, &system.holder, lease_time).await? else {
        return Ok(Ended::Busy);
    };
    let span = info_span!("run", account.id = %account, run.id = %lease.token.simple());
    let running = async {
        if !wanted.everything && !is_due(system, account).await? {
            return Ok(Ended::NotDue);
        }
        leased(system, &lease, account, wanted, progress, stop).await.map(Ended::Ran)
    };
    holding(system, &lease, Box::pin(running)).instrument(span).await
}

async fn is_due(system: &System, account: &AccountId) -> anyhow::Result<bool> {
    let now = now();
    Ok(system
        .store
        .account(account)
        .await?
        .is_some_and(|it| it.requested_at.is_some() || it.next_due_at.is_some_and(|due| due <= now)))
}

async fn leased(
    system: &System,
    lease: &Lease,
    account: &AccountId,
    wanted: &Wanted,
    progress: &dyn Progress,
    stop: &CancellationToken,
) -> anyhow::Result<Report> {
    let started_at = now();
    system.store.begin_run(lease).await?;
    let known = system.store.account(account).await?;
    // What was refused with the whole account is not what is refused once it can be opened: everything is due.
    let was_failing = known.as_ref().is_some_and(|it| it.state == AccountState::Failing);
    let wanted = &Wanted { everything: wanted.everything || was_failing, ..wanted.clone() };
    let name = known.and_then(|it| it.name);
    let target = settings::target(&system.config, account, name.as_deref(), system.management.as_ref());
    let run_id = lease.token.simple().to_string();
    let mut session = match system.aws.open(target, &run_id).await {
        Ok(session) => session,
        Err(error) => return could_not_open(system, lease, account, started_at, &error, progress).await,
    };

    let mut report = Report::new(account.clone(), AccountState::Failing);
    let collectors = settings::collectors(&system.config);
    if system.management.as_ref() == Some(account) {
        discover(system, lease, &session, &collectors, progress, &mut report).await?;
        let name = system.store.account(account).await?.and_then(|it| it.name);
        let target = settings::target(&system.config, account, name.as_deref(), system.management.as_ref());
        if target.name != session.target().name {
            // The list gave the account its name, which is part of every row: the list's own rows, too.
            session = session.described(target.name, target.tag_account_name, target.tag_production);
            discover(system, lease, &session, &collectors, progress, &mut report).await?;
        }
    }
    if is_collected(system, account).await? {
        collect(system, lease, &session, &collectors, wanted, progress, stop, &mut report).await?;
    }
    finish(system, lease, started_at, &mut report).await?;
    Ok(report)
}

async fn is_collected(system: &System, account: &AccountId) -> anyhow::Result<bool> {
    Ok(system.store.account(account).await?.is_some_and(|it| it.state.is_collected()))
}

async fn could_not_open(
    system: &System,
    lease: &Lease,
    account: &AccountId,
    started_at: DateTime<Utc>,
    error: &SessionError,
    progress: &dyn Progress,
) -> anyhow::Result<Report> {
    let reason = error.to_string();
    warn!(account.id = %account, "account {account} could not be opened: {reason}");
    let mut report =
        Report { reason: Some(reason.clone()), ..Report::new(account.clone(), AccountState::Failing) };
    // The coverage says so for everything that is, or would first be, read in the account.
    let status = match error {
        SessionError::Refused { .. } => Status::DeniedIam,
        SessionError::Unreachable { .. }
        | SessionError::WrongAccount { .. }
        | SessionError::NoCredentials { .. } => Status::Failed,
    };
    let stored = system.store.partitions(account).await?.into_iter().map(|it| it.partition);
    let global = settings::collectors(&system.config).into_iter().filter(|it| it.scope == Scope::Account);
    let global = global.map(|it| Partition {
        account: account.clone(),
        region: Region::global(),
        collector: it.name.to_owned(),
    });
    let partitions: BTreeSet<Partition> = stored.chain(global).collect();
    for partition in partitions.into_iter().filter(|it| !derive::is_derived(&it.collector)) {
        let snapshot = Snapshot::without_rows(partition, started_at, Outcome::because(status, &reason));
        write(system, lease, snapshot, progress, &mut report).await?;
    }
    finish(system, lease, started_at, &mut report).await?;
    Ok(report)
}

/// Lists the organization first, so that the rest of the run knows what is wanted.
async fn discover(
    system: &System,
    lease: &Lease,
    session: &Arc<Session>,
    collectors: &[&'static Collector],
    progress: &dyn Progress,
    report: &mut Report,
) -> anyhow::Result<()> {
    let facts = Arc::new(Facts { services: settings::services(collectors), ..Facts::default() });
    // Whatever the configuration includes, an organization that is configured is listed.
    for collector in orgraph_catalog::collectors().filter(|it| it.scope == Scope::Organization) {
        let read = orgraph_collect::run::run(collector, session, &Region::global(), &facts, now()).await;
        let mut snapshot = discovery::checked(system, read);
        discovery::mark_skipped(system, &mut snapshot);
        let listed = discovery::listed(&snapshot);
        write(system, lease, snapshot, progress, report).await?;
        if let Some(listed) = listed {
            discovery::apply(system, &listed).await?;
        }
    }
    Ok(())
}

#[expect(clippy::too_many_arguments, reason = "the parts of one run, which live no longer than it")]
async fn collect(
    system: &System,
    lease: &Lease,
    session: &Arc<Session>,
    collectors: &[&'static Collector],
    wanted: &Wanted,
    progress: &dyn Progress,
    stop: &CancellationToken,
    report: &mut Report,
) -> anyhow::Result<()> {
    let account = session.account();
    let (regions, stated) = read_regions(system, lease, session, wanted, progress, report).await?;
    let facts = Arc::new(Facts { regions: stated, services: settings::services(collectors) });
    let known: HashMap<(Region, String), PartitionState> = system
        .store
        .partitions(account)
        .await?
        .into_iter()
        .map(|it| ((it.partition.region.clone(), it.partition.collector.clone()), it))
        .collect();
    let cells: Vec<Cell> = cells(collectors, &regions)
        .filter(|it| wanted.wants(it.collector, &it.region))
        .filter(|it| wanted.everything || is_cell_due(system, account, it, &known))
        .collect();
    progress.planned(account, cells.len());

    let read = |cell: Cell| {
        let (session, facts) = (Arc::clone(session), Arc::clone(&facts));
        async move { orgraph_collect::run::run(cell.collector, &session, &cell.region, &facts, now()).await }
    };
    let mut snapshots = stream::iter(round_robin(cells)).map(read).buffer_unordered(PARTITIONS_IN_FLIGHT);
    // A large partition takes a while to write, in which the requests of others must not run into their time limits.
    let mut writes = FuturesUnordered::new();
    let deadline = tokio::time::sleep(system.config.limits.account_timeout);
    tokio::pin!(deadline);
    loop {
        tokio::select! {
            snapshot = snapshots.next(), if writes.len() < WRITES_IN_FLIGHT => match snapshot {
                Some(snapshot) => writes.push(into_store::write(system, lease, snapshot)),
                None => break,
            },
            Some(written) = writes.next() => written?.report(progress, report),
            () = stop.cancelled() => {
                report.is_interrupted = true;
                report.reason = Some("the run was interrupted; what was read is written, the rest is due".to_owned());
                break;
            }
            () = &mut deadline => {
                report.reason = Some("the run took longer than limits.account_timeout".to_owned());
                break;
            }
        }
    }
    drop(snapshots);
    while let Some(written) = writes.next().await {
        written?.report(progress, report);
    }

    for listed in links::rosters(system, account).await? {
        write(system, lease, listed, progress, report).await?;
    }
    derive::derive(system, lease, progress, report).await
}

/// How many partitions of one account are read at the same time. What is in flight is bounded again by
/// `limits.in_flight`.
const PARTITIONS_IN_FLIGHT: usize = 16;

/// How many partitions of one account are written at the same time, each over a connection of its own.
const WRITES_IN_FLIGHT: usize = 2;

fn cells<'a>(collectors: &'a [&'static Collector], regions: &'a [Region]) -> impl Iterator<Item = Cell> + 'a {
    collectors.iter().flat_map(|&collector| {
        let regions = match collector.scope {
            Scope::Region => regions.to_vec(),
            Scope::Account => vec![Region::global()],
            Scope::Organization => Vec::new(),
        };
        regions.into_iter().map(move |region| Cell { collector, region })
    })
}

/// Writes a snapshot while nothing else is done.
pub(crate) async fn write(
    system: &System,
    lease: &Lease,
    snapshot: Snapshot,
    progress: &dyn Progress,
    report: &mut Report,
) -> anyhow::Result<()> {
    into_store::write(system, lease, snapshot).await?.report(progress, report);
    Ok(())
}

async fn finish(
    system: &System,
    lease: &Lease,
    started_at: DateTime<Utc>,
    report: &mut Report,
) -> anyhow::Result<()> {
    let account = report.account.clone();
    let states = system.store.partitions(&account).await?;
    let mut summary = RunSummary::default();
    for (_, outcome) in &report.partitions {
        summary.count(outcome.status);
    }
    report.state = match (report.partitions.is_empty(), system.store.account(&account).await?) {
        (_, Some(known)) if !known.state.is_collected() => known.state,
        (true, _) if report.reason.is_none() => AccountState::Active,
        _ => state_after_run(summary),
    };
    if report.state == AccountState::Active && report.reason.is_some() {
        report.state = AccountState::Degraded;
    }
    if report.reason.is_none() && report.state != AccountState::Active {
        let worst = report.partitions.iter().find(|(_, outcome)| !matches!(outcome.status, Status::Complete));
        report.reason = worst.and_then(|(partition, outcome)| {
            Some(format!("{}/{}: {}", partition.region, partition.collector, outcome.reason.as_ref()?))
        });
    }
    let next_due_at = if report.is_interrupted {
        Some(started_at)
    } else {
        let read_nothing = !report.partitions.iter().any(|(_, outcome)| outcome.status.has_rows());
        next_due(system, &account, started_at, &states, read_nothing)
    };
    let (state, reason) = (report.state, report.reason.clone());
    system.store.finish_run(lease, &RunEnd { state, reason, next_due_at, cool_down_until: None }).await?;
    Ok(())
}
