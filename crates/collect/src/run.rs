//! One collector over one partition, from the first call to a snapshot.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use futures_util::FutureExt;
use orgraph_model::{Outcome, Partition, Region, Snapshot, Status};
use tokio::time::{Instant, timeout};
use tracing::debug;

use crate::{Batch, CollectError, Collector, Cx, Facts, Session};

/// Runs `collector` in `region` of the session's account. Never fails: whatever goes wrong is in the snapshot.
///
/// Credentials that AWS refuses as expired, and page tokens that expire, start the listing again once.
pub async fn run(
    collector: &Collector,
    session: &Arc<Session>,
    region: &Region,
    facts: &Arc<Facts>,
    started_at: DateTime<Utc>,
) -> Snapshot {
    let begun = Instant::now();
    let partition = Partition {
        account: session.account().clone(),
        region: region.clone(),
        collector: collector.name.to_owned(),
    };
    let cx = Cx::new(collector, session, region.clone(), Arc::clone(facts), started_at);
    let limit = session.limits().partition_timeout;
    let ended = timeout(limit, AssertUnwindSafe(attempts(collector, &cx)).catch_unwind()).await;
    let snapshot = Snapshot::without_rows(partition, started_at, Outcome::complete());
    let mut snapshot = match ended {
        Ok(Ok(Ok(batch))) => filled(snapshot, batch),
        Ok(Ok(Err(error))) => Snapshot { outcome: error.outcome(), ..snapshot },
        Ok(Err(panic)) => {
            Snapshot { outcome: Outcome::because(Status::Failed, panic_reason(&*panic)), ..snapshot }
        }
        Err(_) => {
            let reason = format!("not finished after {} seconds", limit.as_secs());
            Snapshot { outcome: Outcome::because(Status::Timeout, reason), ..snapshot }
        }
    };
    snapshot.calls = cx.calls_sent();
    snapshot.duration_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
    snapshot
}

async fn attempts(collector: &Collector, cx: &Cx) -> Result<Batch, CollectError> {
    match attempt(collector, cx).await {
        Err(error) if error.is_worth_a_restart() => {
            debug!(collector = collector.name, "{} starts again: {error}", collector.name);
            if matches!(error, CollectError::Expired { .. }) {
                cx.session().forget_credentials().await;
            }
            attempt(collector, cx).await
        }
        ended => ended,
    }
}

async fn attempt(collector: &Collector, cx: &Cx) -> Result<Batch, CollectError> {
    let mut batch = Batch::new(collector, cx);
    let failed = batch.failed();
    tokio::select! {
        ended = (collector.collect)(cx, &mut batch) => ended?,
        // Whatever else is read could not be kept: why is said by the batch when it is finished.
        () = failed.notified() => {}
    }
    Ok(batch)
}

fn filled(snapshot: Snapshot, batch: Batch) -> Snapshot {
    // Shaping may still meet a bug; it has to stay in this partition like one in the collector itself.
    let finished = std::panic::catch_unwind(AssertUnwindSafe(|| batch.finish()));
    match finished {
        Ok(Ok(finished)) => Snapshot {
            outcome: finished.outcome,
            entities: finished.entities,
            relationships: finished.relationships,
            references: finished.references,
            gaps: finished.gaps,
            spilled: finished.spilled,
            ..snapshot
        },
        Ok(Err(error)) => {
            Snapshot { outcome: Outcome::because(Status::Failed, error.to_string()), ..snapshot }
        }
        Err(panic) => {
            Snapshot { outcome: Outcome::because(Status::Failed, panic_reason(&*panic)), ..snapshot }
        }
    }
}

fn panic_reason(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied().or(panic.downcast_ref::<String>().map(String::as_str));
    format!("a bug stopped the collector: {}", text.unwrap_or("no message"))
}
