//! When a partition, and with it an account, is due again.

use std::collections::HashMap;
use std::time::Duration;

use chrono::{DateTime, Utc};
use orgraph_model::{AccountId, Region};
use orgraph_store::PartitionState;

use crate::clock::now;
use crate::fan_out::Cell;
use crate::settings;
use crate::system::System;

pub(crate) fn is_cell_due(
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

/// When the account is due again: its own interval, or earlier when a partition is worth another attempt.
pub(crate) fn next_due(
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
