//! The one way from a snapshot into the graph.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::Context;
use metrics::{counter, histogram};
use orgraph_model::{EntityId, Outcome, Partition, Snapshot, Status};
use orgraph_store::{Applied, Count, Lease, StoreError};
use tracing::info;

use crate::report::{Progress, Report};
use crate::system::System;

/// A snapshot that is in the graph, as far as it may be.
#[derive(Debug)]
pub(crate) struct Written {
    partition: Partition,
    outcome: Outcome,
    applied: Applied,
}

/// Makes the rows of a partition those of the snapshot. An error means that the database failed.
pub(crate) async fn write(system: &System, lease: &Lease, snapshot: Snapshot) -> anyhow::Result<Written> {
    write_but(system, lease, snapshot, &BTreeSet::new()).await
}

/// The same for a snapshot without the relationships that start at some entities and are as they are stored.
pub(crate) async fn write_but(
    system: &System,
    lease: &Lease,
    snapshot: Snapshot,
    kept: &BTreeSet<EntityId>,
) -> anyhow::Result<Written> {
    let (partition, mut outcome) = (snapshot.partition.clone(), snapshot.outcome.clone());
    histogram!("orgraph_partition_seconds").record(Duration::from_millis(snapshot.duration_ms).as_secs_f64());
    let applied = match system.store.reconcile_but(lease, &snapshot, kept, &system.guard).await {
        // What was set aside is lost, so that the partition is one that could not be read.
        Err(StoreError::Rows(error)) => {
            outcome = Outcome::because(Status::Failed, error.to_string());
            let failed = Snapshot::without_rows(partition.clone(), snapshot.started_at, outcome.clone());
            system.store.reconcile(lease, &failed, &system.guard).await
        }
        applied => applied,
    };
    let applied = applied.with_context(|| format!("failed to write partition {partition}"))?;
    counter!("orgraph_partitions_total", "status" => outcome.status.as_str()).increment(1);
    if applied.held.is_some() {
        counter!("orgraph_guard_holds_total").increment(1);
    }
    info!(account.id = %partition.account, region = %partition.region, collector = %partition.collector,
        status = %outcome.status, unchanged = applied.unchanged, "{partition} is {}", outcome.status);
    Ok(Written { partition, outcome, applied })
}

impl Written {
    /// Whether what is stored is what the snapshot says: nothing waits, and nothing belongs to somebody else.
    pub(crate) fn is_as_given(&self) -> bool {
        self.applied.held.is_none() && self.applied.skipped_foreign == 0
    }

    /// Whether rows were written or ended.
    pub(crate) fn is_news(&self) -> bool {
        [self.applied.created, self.applied.changed, self.applied.removed] != [Count::default(); 3]
    }

    /// Puts it into the report of the run.
    pub(crate) fn report(self, progress: &dyn Progress, report: &mut Report) {
        report.changes.add(&self.applied);
        progress.ended(&self.partition, &self.outcome);
        report.partitions.push((self.partition, self.outcome));
    }
}
