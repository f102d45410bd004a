//! One run of one account: claim it, open it, read what is due, write what was found, look up references, let go.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures_util::stream::FuturesUnordered;
use futures_util::{StreamExt, stream};
use orgraph_collect::{
    CollectError, Collector, Cx, Detail, Facts, MemoryLimits, Scope, Service, Session, SessionError,
};
use orgraph_model::{AccountId, Outcome, Partition, Region, Snapshot, Status};
use orgraph_plan::{AccountState, RunSummary, state_after_run};
use orgraph_store::{Applied, Count, Lease, PartitionState, RunEnd, StoreError};
use tokio_util::sync::CancellationToken;
use tracing::{Instrument, info_span, warn};

use crate::clock::now;
use crate::fan_out::{Cell, round_robin};
use crate::system::System;
use crate::{discovery, into_store, links, settings};

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

/// What a run did.
#[derive(Debug, Clone)]
pub(crate) struct Report {
    /// The account.
    pub(crate) account: AccountId,
    /// Its state afterwards.
    pub(crate) state: AccountState,
    /// Why it could not be opened, if so.
    pub(crate) reason: Option<String>,
    /// Every partition read and how it ended.
    pub(crate) partitions: Vec<(Partition, Outcome)>,
    /// Rows created, changed and removed.
    pub(crate) changes: Changes,
    /// Whether it was asked to stop before its end.
    pub(crate) is_interrupted: bool,
}

/// How many rows a run wrote.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Changes {
    /// Rows that were not there.
    pub(crate) created: u64,
    /// Rows that say something else.
    pub(crate) changed: u64,
    /// Rows that ended.
    pub(crate) removed: u64,
    /// Removals that wait for a second look.
    pub(crate) held: u64,
}

impl Changes {
    /// Counts another run too.
    pub(crate) fn join(&mut self, other: Self) {
        self.created += other.created;
        self.changed += other.changed;
        self.removed += other.removed;
        self.held += other.held;
    }

    pub(crate) fn add(&mut self, applied: &Applied) {
        let rows = |it: Count| it.entities + it.relationships;
        self.created += rows(applied.created);
        self.changed += rows(applied.changed);
        self.removed += rows(applied.removed);
        self.held += applied.held.as_ref().map_or(0, |it| rows(it.rows));
    }
}

/// Hears how a run gets on.
pub(crate) trait Progress: Send + Sync {
    /// The run will read this many partitions.
    fn planned(&self, account: &AccountId, partitions: usize);
    /// One partition has ended.
    fn ended(&self, partition: &Partition, outcome: &Outcome);
}

/// Nobody listens.
pub(crate) struct Quiet;

impl Progress for Quiet {
    fn planned(&self, _: &AccountId, _: usize) {}
    fn ended(&self, _: &Partition, _: &Outcome) {}
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
    let ended = async {
        if !wanted.everything && !is_due(system, account).await? {
            return Ok(Ended::NotDue);
        }
        let renewing = renew(system, &lease);
        let running = leased(system, &lease, account, wanted, progress, stop);
        tokio::select! {
            report = running => report.map(Ended::Ran),
            () = renewing => anyhow::bail!("the lease of account {account} was lost to another daemon"),
        }
    }
    .instrument(span)
    .await;
    // A lease that was lost cannot be released, and one that cannot be released expires.
    if let Err(error) = system.store.release_lease(&lease).await {
        warn!(account.id = %account, "the lease of account {account} could not be released: {error}");
    }
    ended
}

async fn is_due(system: &System, account: &AccountId) -> anyhow::Result<bool> {
    let now = now();
    Ok(system
        .store
        .account(account)
        .await?
        .is_some_and(|it| it.requested_at.is_some() || it.next_due_at.is_some_and(|due| due <= now)))
}

/// Ends only when the lease is lost.
async fn renew(system: &System, lease: &Lease) {
    let lease_time = system.config.daemon.lease;
    let mut ticks = tokio::time::interval(lease_time / 3);
    ticks.tick().await;
    loop {
        ticks.tick().await;
        match system.store.renew_lease(lease, settings::delta(lease_time)).await {
            Ok(_) => {}
            Err(StoreError::LeaseLost { .. }) => return,
            Err(error) => warn!("a lease could not be renewed yet: {error}"),
        }
    }
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

    let mut report = Report {
        account: account.clone(),
        state: AccountState::Failing,
        reason: None,
        partitions: Vec::new(),
        changes: Changes::default(),
        is_interrupted: false,
    };
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
    let mut report = Report {
        account: account.clone(),
        state: AccountState::Failing,
        reason: Some(reason.clone()),
        partitions: Vec::new(),
        changes: Changes::default(),
        is_interrupted: false,
    };
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
    for partition in partitions.into_iter().filter(|it| !is_derived(&it.collector)) {
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
    derive(system, lease, progress, report).await
}

/// What follows from what is stored.
async fn derive(
    system: &System,
    lease: &Lease,
    progress: &dyn Progress,
    report: &mut Report,
) -> anyhow::Result<()> {
    let account = report.account.clone();
    let linked = system.store.resolve_references(lease, &MemoryLimits::default()).await?;
    write(system, lease, linked, progress, report).await?;
    links::link(system, lease, progress, report).await
}

/// Derives again what follows from what is stored, once the other accounts of a pass have ended too: what one account
/// says about another must not depend on which of them was read first. Who holds the account meanwhile does the same.
pub(crate) async fn derive_again(system: &System, report: &mut Report) -> anyhow::Result<()> {
    let lease_time = settings::delta(system.config.daemon.lease);
    let Some(lease) = system.store.claim_lease(&report.account, &system.holder, lease_time).await? else {
        return Ok(());
    };
    let mut again = Report { partitions: Vec::new(), changes: Changes::default(), ..report.clone() };
    let derived = async {
        tokio::select! {
            derived = derive(system, &lease, &Quiet, &mut again) => derived,
            () = renew(system, &lease) => {
                anyhow::bail!("the lease of account {} was lost to another daemon", lease.account)
            }
        }
    }
    .await;
    if let Err(error) = system.store.release_lease(&lease).await {
        let account = &lease.account;
        warn!(account.id = %account, "the lease of account {account} could not be released: {error}");
    }
    report.partitions.retain(|(partition, _)| again.partitions.iter().all(|it| it.0 != *partition));
    report.partitions.extend(again.partitions);
    report.changes.join(again.changes);
    derived
}

/// Whether a partition comes from what is stored or from a file, and not from AWS.
fn is_derived(collector: &str) -> bool {
    collector.starts_with("link:") || collector.starts_with("roster:")
}

/// How many partitions of one account are read at the same time. What is in flight is bounded again by
/// `limits.in_flight`.
const PARTITIONS_IN_FLIGHT: usize = 16;

/// How many partitions of one account are written at the same time, each over a connection of its own.
const WRITES_IN_FLIGHT: usize = 2;

/// The name of the partition that stands for the list of an account's regions.
const REGIONS: &str = "ec2_regions";

/// The regions to read, and what may be said about them. When AWS has to be asked and does not answer, the regions
/// that were read before are read again, but nothing is said.
async fn read_regions(
    system: &System,
    lease: &Lease,
    session: &Arc<Session>,
    wanted: &Wanted,
    progress: &dyn Progress,
    report: &mut Report,
) -> anyhow::Result<(Vec<Region>, Detail<Vec<Region>>)> {
    let account = session.account();
    if let Some(listed) = settings::listed_regions(&system.config, account)? {
        return Ok((listed.clone(), Detail::Known(listed)));
    }
    let partition = |region: Region, collector: &str| Partition {
        account: account.clone(),
        region,
        collector: collector.to_owned(),
    };
    let begun = now();
    let asked = enabled_regions(system, session).await;
    let outcome = match &asked {
        Ok(_) => Outcome::complete(),
        Err(error) => error.outcome(),
    };
    let snapshot = Snapshot::without_rows(partition(Region::global(), REGIONS), begun, outcome);
    write(system, lease, snapshot, progress, report).await?;
    let states = system.store.partitions(account).await?;
    let enabled = match asked {
        Ok(enabled) => enabled,
        Err(error) => {
            let mut read_before: Vec<Region> = states
                .into_iter()
                .filter(|it| it.status != Some(Status::RegionDisabled) && !it.partition.region.is_global())
                .map(|it| it.partition.region)
                .collect();
            read_before.sort_unstable();
            read_before.dedup();
            return Ok((settings::without_excluded(&system.config, read_before), Detail::Unknown(error)));
        }
    };

    // AWS named the enabled regions, so what is stored of others is no longer confirmed, and that is all that is said.
    for state in states {
        let region = state.partition.region;
        let is_wanted = wanted.regions.as_ref().is_none_or(|it| it.contains(&region));
        if !region.is_global() && is_wanted && !enabled.contains(&region) {
            let outcome =
                Outcome::because(Status::RegionDisabled, "the region is not enabled for the account");
            let partition = partition(region, &state.partition.collector);
            write(system, lease, Snapshot::without_rows(partition, begun, outcome), progress, report).await?;
        }
    }
    let read = settings::without_excluded(&system.config, enabled);
    Ok((read.clone(), Detail::Known(read)))
}

async fn enabled_regions(system: &System, session: &Arc<Session>) -> Result<Vec<Region>, CollectError> {
    let home = system.config.aws.home_region().parse::<Region>().map_err(|error| CollectError::Failed {
        operation: "DescribeRegions".to_owned(),
        reason: error.to_string(),
    })?;
    let calls = orgraph_aws_ec2::REGION_CALLS;
    let cx = Cx::with_calls(REGIONS, Service::EC2, calls, session, home, Arc::default(), now());
    orgraph_aws_ec2::enabled_regions(&cx).await
}

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

fn is_cell_due(
    system: &System,
    account: &AccountId,
    cell: &Cell,
    states: &HashMap<(Region, String), PartitionState>,
) -> bool {
    let state = states.get(&(cell.region.clone(), cell.collector.name.to_owned()));
    let due = next_attempt(system, account, cell.collector.service.name, state);
    due.is_some_and(|it| it <= now() + settings::delta(DUE_TOGETHER))
}

/// Partitions that are due this soon are read in the same run, so that an account is opened once per interval.
const DUE_TOGETHER: Duration = Duration::from_mins(2);

fn next_attempt(
    system: &System,
    account: &AccountId,
    service: &str,
    state: Option<&PartitionState>,
) -> Option<DateTime<Utc>> {
    let interval = settings::interval(&system.config, account, Some(service));
    // All partitions of an account share its place in the interval, so that they fall into one run.
    let (jitter, key) = (settings::jitter(&system.config), account.as_str());
    // Removals that wait are looked at again as soon as the second listing may confirm them.
    let confirmable = state.and_then(|it| it.held_since).map(|it| it + system.guard.confirm_after);
    let regular = match state.and_then(|it| Some((it.status?, it.failures, it.last_attempt_at?))) {
        None => orgraph_plan::due_at(None, interval, jitter, key),
        Some((status, failures, at)) => {
            orgraph_plan::next_attempt(status, failures, at, interval, jitter, key)
        }
    };
    regular.map(|it| confirmable.map_or(it, |confirmable| it.min(confirmable)))
}

/// Writes a snapshot while nothing else is done.
async fn write(
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

/// When the account is due again: its own interval, or earlier when a partition is worth another attempt.
fn next_due(
    system: &System,
    account: &AccountId,
    started_at: DateTime<Utc>,
    states: &[PartitionState],
    read_nothing: bool,
) -> Option<DateTime<Utc>> {
    let interval = settings::interval(&system.config, account, None);
    let jitter = settings::jitter(&system.config);
    let regular = orgraph_plan::due_at(Some(started_at), interval, jitter, account.as_str());
    if read_nothing {
        return regular;
    }
    let service_of = |collector: &str| orgraph_catalog::collectors().find(|it| it.name == collector);
    let soonest = states.iter().filter_map(|state| {
        let collector = service_of(&state.partition.collector)?;
        next_attempt(system, account, collector.service.name, Some(state))
    });
    soonest.chain(regular).min()
}
