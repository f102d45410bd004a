//! The daemon: enqueues what is due, runs it, keeps the house, and stops in order.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use chrono::{DateTime, Utc};
use metrics::gauge;
use orgraph_config::Config;
use orgraph_model::AccountId;
use sd_notify::NotifyState;
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};

use crate::account_run::{self, Ended, Wanted};
use crate::api::Api;
use crate::clock::now;
use crate::endpoint;
use crate::queue::{Handler, PostgresQueue, Queue};
use crate::report::Quiet;
use crate::rest::{Runs, derive_at_rest};
use crate::settings;
use crate::system::{Graph, System};

/// Runs until SIGTERM or SIGINT.
pub(crate) async fn run(config: Config) -> anyhow::Result<()> {
    let stop = CancellationToken::new();
    let _guard = stop.clone().drop_guard();
    stop_on_signals(&stop)?;
    let config = Arc::new(config);
    let metrics = endpoint::install_metrics()?;
    let graph = Graph::open(&config).await?;
    let ended = Box::pin(serve(&config, &graph, metrics, &stop)).await;
    let _ = sd_notify::notify(&[NotifyState::Stopping]);
    let closed = graph.close().await;
    ended.and(closed)
}

async fn serve(
    config: &Arc<Config>,
    graph: &Graph,
    metrics: endpoint::Metrics,
    stop: &CancellationToken,
) -> anyhow::Result<()> {
    let api = Api::open(Arc::clone(config), &graph.url).await?;
    let endpoint = endpoint::Endpoint::bind(&config.http, metrics, graph.store.clone(), api).await?;
    let system = System::open(Arc::clone(config), graph.store.clone()).await?;
    system.know_accounts().await?;

    let runs = Runs::default();
    let handler = handler(&system, &runs, stop);
    let concurrency = config.limits.accounts as usize;
    let grace = config.daemon.shutdown_timeout;
    let queue = PostgresQueue::open(&graph.url, concurrency, handler, stop.clone(), grace).await?;
    info!("orgraph runs: accounts at a time {concurrency}, endpoint {}", endpoint.url());
    let _ = sd_notify::notify(&[NotifyState::Ready]);

    let (worked, scheduled, derived, kept, answered, ()) = tokio::join!(
        ending(queue.work(), stop),
        ending(schedule(&system, &queue, stop), stop),
        ending(derive_at_rest(&system, &runs, stop), stop),
        ending(keep_house(&system, stop), stop),
        ending(endpoint.serve(stop.clone()), stop),
        watchdog(stop),
    );
    worked.and(scheduled).and(derived).and(kept).and(answered)
}

/// When one task of the daemon ends, the others stop too.
async fn ending<T>(
    task: impl Future<Output = anyhow::Result<T>>,
    stop: &CancellationToken,
) -> anyhow::Result<T> {
    let ended = task.await;
    if let Err(error) = &ended {
        error!("a task of the daemon failed, so it stops: {error:#}");
    }
    stop.cancel();
    ended
}

fn handler(system: &System, runs: &Runs, stop: &CancellationToken) -> Handler {
    let (system, runs, stop) = (system.clone(), runs.clone(), stop.clone());
    Arc::new(move |account: AccountId| {
        let (system, running, stop) = (system.clone(), runs.begin(), stop.clone());
        Box::pin(async move {
            match account_run::run(&system, &account, &Wanted::default(), &Quiet, &stop).await {
                Ok(Ended::Ran(report)) => {
                    running.wrote(report.changes);
                    info!(account.id = %account, state = %report.state, partitions = report.partitions.len(),
                        created = report.changes.created, changed = report.changes.changed,
                        removed = report.changes.removed, held = report.changes.held,
                        "account {account} is {}", report.state);
                    Ok(())
                }
                Ok(Ended::Busy | Ended::NotDue) => Ok(()),
                Err(error) => {
                    warn!(account.id = %account, "the run of account {account} failed: {error:#}");
                    Err(format!("{error:#}"))
                }
            }
        })
    })
}

/// Enqueues the accounts that are due. The account table is the truth; the queue may lose or double what it likes.
async fn schedule(system: &System, queue: &dyn Queue, stop: &CancellationToken) -> anyhow::Result<()> {
    let mut ticks = tokio::time::interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut enqueued: HashMap<AccountId, DateTime<Utc>> = HashMap::new();
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            () = stop.cancelled() => return Ok(()),
        }
        let now = now();
        match system.store.due_accounts(now, DUE_AT_ONCE).await {
            Ok(due) => {
                enqueued.retain(|_, at| now - *at < settings::delta(ENQUEUE_AGAIN));
                gauge!("orgraph_due_accounts").set(count(due.len()));
                for account in due {
                    if let Entry::Vacant(place) = enqueued.entry(account) {
                        queue.enqueue(place.key(), now).await?;
                        place.insert(now);
                    }
                }
            }
            // The database may be away for a while; nothing is asked of AWS meanwhile.
            Err(error) => warn!("what is due could not be read: {error}"),
        }
    }
}

/// How many due accounts are looked at in one tick.
const DUE_AT_ONCE: u32 = 10_000;

const TICK: Duration = Duration::from_secs(2);

/// How long an enqueued account is left to the queue before it is enqueued again.
const ENQUEUE_AGAIN: Duration = Duration::from_secs(30);

/// Months of history ahead, the past that is no longer kept, accounts that left, and the figures of the endpoint.
async fn keep_house(system: &System, stop: &CancellationToken) -> anyhow::Result<()> {
    let mut ticks = tokio::time::interval(Duration::from_secs(15));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut last_kept: Option<DateTime<Utc>> = None;
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            () = stop.cancelled() => return Ok(()),
        }
        let now = now();
        if let Err(error) = endpoint::observe(&system.store, now).await {
            warn!("the figures could not be read: {error}");
            continue;
        }
        if last_kept.is_none_or(|it| now - it >= settings::delta(Duration::from_hours(1))) {
            match system.keep_house(now).await {
                Ok(()) => last_kept = Some(now),
                Err(error) => warn!("the house could not be kept: {error:#}"),
            }
        }
    }
}

async fn watchdog(stop: &CancellationToken) {
    let Some(limit) = sd_notify::watchdog_enabled() else { return };
    let mut ticks = tokio::time::interval(limit / 2);
    loop {
        tokio::select! {
            _ = ticks.tick() => drop(sd_notify::notify(&[NotifyState::Watchdog])),
            () = stop.cancelled() => return,
        }
    }
}

fn stop_on_signals(stop: &CancellationToken) -> anyhow::Result<()> {
    let mut terminate = signal(SignalKind::terminate()).context("failed to listen for SIGTERM")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("failed to listen for SIGINT")?;
    let stop = stop.clone();
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        info!("asked to stop: runs in progress write what they have read");
        stop.cancel();
    });
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "a gauge, not an account")]
pub(crate) fn count(number: usize) -> f64 {
    number as f64
}
