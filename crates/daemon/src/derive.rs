//! What follows from what is stored: references, and the relationships of the linkers.

use std::future::ready;

use anyhow::Context;
use futures_util::{StreamExt, stream};
use orgraph_collect::MemoryLimits;
use orgraph_model::AccountId;
use orgraph_plan::AccountState;
use orgraph_store::Lease;
use tracing::debug;

use crate::account_run::write;
use crate::lease::holding;
use crate::report::{Changes, Progress, Quiet, Report};
use crate::system::System;
use crate::{links, settings};

/// Derives for one account that is held.
pub(crate) async fn derive(
    system: &System,
    lease: &Lease,
    progress: &dyn Progress,
    report: &mut Report,
) -> anyhow::Result<()> {
    let linked = system.store.resolve_references(lease, &MemoryLimits::default()).await?;
    write(system, lease, linked, progress, report).await?;
    links::link(system, lease, progress, report).await
}

/// Derives again for these accounts, once all of them were read: what one account says about another must not depend on
/// which of them was read first. What follows for one can be what another one rests on, so this goes on until nothing
/// is written any more, or until it is asked to stop. `heard` gets what was done for each account, perhaps more than
/// once. Tells what was written.
///
/// An account in which nothing changed that it rests on costs a few reads of hashes.
pub(crate) async fn everywhere(
    system: &System,
    accounts: &[AccountId],
    should_stop: impl Fn() -> bool,
    mut heard: impl FnMut(Report),
) -> anyhow::Result<Changes> {
    let mut written = Changes::default();
    let at_once = system.config.limits.accounts as usize;
    for pass in 1..=PASSES {
        let mut news = Changes::default();
        let mut reports = stream::iter(accounts)
            .take_while(|_| ready(!should_stop()))
            .map(|account| again(system, account))
            .buffer_unordered(at_once);
        while let Some(report) = reports.next().await {
            if let Some(report) = report? {
                news.join(report.changes);
                heard(report);
            }
        }
        written.join(news);
        debug!(pass, created = news.created, changed = news.changed, removed = news.removed, "derived again");
        if news.is_empty() {
            break;
        }
    }
    Ok(written)
}

/// What follows from something that follows from something is there after a few passes. Whatever is not by then follows
/// with the next run of its account.
const PASSES: usize = 5;

/// `None` when another run holds the account: it derives the same.
async fn again(system: &System, account: &AccountId) -> anyhow::Result<Option<Report>> {
    let lease_time = settings::delta(system.config.daemon.lease);
    let Some(lease) = system.store.claim_lease(account, &system.holder, lease_time).await? else {
        return Ok(None);
    };
    let mut report = Report::new(account.clone(), AccountState::Active);
    // References lead to rows of their own account, so they are as they were resolved when it was read.
    let linking = links::link(system, &lease, &Quiet, &mut report);
    let derived = holding(system, &lease, linking).await;
    derived.with_context(|| format!("failed to derive again for account {account}"))?;
    Ok(Some(report))
}

/// Whether a partition comes from what is stored or from a file, and not from AWS.
pub(crate) fn is_derived(collector: &str) -> bool {
    collector.starts_with("link:") || collector.starts_with("roster:")
}
