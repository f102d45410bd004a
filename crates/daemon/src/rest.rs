//! What is done when nothing is left to do: what accounts say about each other follows from all of them, so it is
//! derived again once those that were due have been read.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use orgraph_model::AccountId;
use orgraph_plan::AccountState;
use tokio::time::{Instant, MissedTickBehavior};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::clock::now;
use crate::derive;
use crate::report::Changes;
use crate::system::System;

/// The runs of this daemon that are in progress, and whether any of them wrote something since it was derived from.
#[derive(Debug, Clone)]
pub(crate) struct Runs(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    in_progress: AtomicUsize,
    is_news: AtomicBool,
}

/// A run in progress, until it is dropped.
#[derive(Debug)]
pub(crate) struct Running(Arc<Inner>);

impl Default for Runs {
    /// What was written before the daemon started may not have been derived from.
    fn default() -> Self {
        Self(Arc::new(Inner { in_progress: AtomicUsize::new(0), is_news: AtomicBool::new(true) }))
    }
}

impl Runs {
    /// A run begins.
    pub(crate) fn begin(&self) -> Running {
        self.0.in_progress.fetch_add(1, Ordering::SeqCst);
        Running(Arc::clone(&self.0))
    }

    fn is_any(&self) -> bool {
        self.0.in_progress.load(Ordering::SeqCst) > 0
    }

    fn take_news(&self) -> bool {
        self.0.is_news.swap(false, Ordering::SeqCst)
    }

    fn keep_news(&self) {
        self.0.is_news.store(true, Ordering::SeqCst);
    }
}

impl Running {
    /// It wrote this.
    pub(crate) fn wrote(&self, changes: Changes) {
        if !changes.is_empty() {
            self.0.is_news.store(true, Ordering::SeqCst);
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.in_progress.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Derives again whenever the daemon has come to rest and there is news. With several daemons each does; the last one
/// to come to rest finds everything.
pub(crate) async fn derive_at_rest(
    system: &System,
    runs: &Runs,
    stop: &CancellationToken,
) -> anyhow::Result<()> {
    let mut ticks = tokio::time::interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut not_before = Instant::now();
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            () = stop.cancelled() => return Ok(()),
        }
        if Instant::now() < not_before || runs.is_any() || is_any_due(system).await || !runs.take_news() {
            continue;
        }
        let begun = Instant::now();
        let should_stop = || stop.is_cancelled() || runs.is_any();
        let derived = derive_again(system, should_stop).await;
        if let Err(error) = &derived {
            warn!("what accounts say about each other could not be derived again yet: {error:#}");
        }
        if derived.is_err() || should_stop() {
            runs.keep_news();
        }
        not_before = Instant::now() + begun.elapsed() * PAUSE;
    }
}

const TICK: Duration = Duration::from_secs(1);

/// A daemon that comes to rest all the time spends one part in ten on this.
const PAUSE: u32 = 9;

async fn is_any_due(system: &System) -> bool {
    // A database that is away has nothing to derive from.
    !system.store.due_accounts(now(), 1).await.is_ok_and(|it| it.is_empty())
}

async fn derive_again(system: &System, should_stop: impl Fn() -> bool) -> anyhow::Result<()> {
    let known = system.store.accounts().await?.into_iter();
    // An account that could not be opened keeps what it has.
    let was_read = |state| matches!(state, AccountState::Active | AccountState::Degraded);
    let accounts: Vec<AccountId> = known.filter(|it| was_read(it.state)).map(|it| it.account).collect();
    let changes = derive::everywhere(system, &accounts, should_stop, drop).await?;
    info!(
        created = changes.created,
        changed = changes.changed,
        removed = changes.removed,
        "what {} accounts say about each other is derived again",
        accounts.len()
    );
    Ok(())
}
