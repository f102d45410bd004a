//! The life of an account: discovered, collected, suspended, left.

use std::collections::BTreeSet;
use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};
use orgraph_model::{AccountId, Status};

/// Where an account stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum AccountState {
    /// Known, never run.
    Pending,
    /// In its first run.
    Initializing,
    /// Its last run was complete.
    Active,
    /// Its last run missed something.
    Degraded,
    /// Its last run could not read anything.
    Failing,
    /// AWS has suspended it; it is not read and its rows stay.
    Suspended,
    /// It carries the tag that asks not to be read.
    Skipped,
    /// The configuration leaves it out.
    Excluded,
    /// It is closed or no longer in the organization.
    Left,
}

impl AccountState {
    /// Every state.
    pub const ALL: &'static [Self] = &[
        Self::Pending,
        Self::Initializing,
        Self::Active,
        Self::Degraded,
        Self::Failing,
        Self::Suspended,
        Self::Skipped,
        Self::Excluded,
        Self::Left,
    ];

    /// The state as stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Initializing => "initializing",
            Self::Active => "active",
            Self::Degraded => "degraded",
            Self::Failing => "failing",
            Self::Suspended => "suspended",
            Self::Skipped => "skipped",
            Self::Excluded => "excluded",
            Self::Left => "left",
        }
    }

    /// The state stored as `text`.
    pub fn by_name(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|it| it.as_str() == text)
    }

    /// Whether runs of the account are wanted.
    pub fn is_collected(self) -> bool {
        matches!(self, Self::Pending | Self::Initializing | Self::Active | Self::Degraded | Self::Failing)
    }
}

impl fmt::Display for AccountState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a discovery says about an account that it names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sighting {
    /// Read it.
    Wanted,
    /// It carries the tag that asks not to be read.
    Skipped,
    /// The configuration leaves it out.
    Excluded,
    /// AWS has suspended it, or is about to close it.
    Suspended,
    /// It is closed.
    Closed,
}

/// The state of an account after a discovery named it.
pub fn state_after_sighting(current: Option<AccountState>, sighting: Sighting) -> AccountState {
    match sighting {
        Sighting::Wanted => current.filter(|it| it.is_collected()).unwrap_or(AccountState::Pending),
        Sighting::Skipped => AccountState::Skipped,
        Sighting::Excluded => AccountState::Excluded,
        Sighting::Suspended => AccountState::Suspended,
        Sighting::Closed => AccountState::Left,
    }
}

/// How the partitions of one run ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RunSummary {
    /// Ended as complete, or as something that is complete in its way: a region that is off, a service that is not
    /// there.
    pub complete: u64,
    /// Gave rows, but not all of them.
    pub partial: u64,
    /// Gave nothing.
    pub without_rows: u64,
}

impl RunSummary {
    /// Counts one partition.
    pub fn count(&mut self, status: Status) {
        match status {
            Status::Complete | Status::RegionDisabled | Status::Unsupported => self.complete += 1,
            Status::Partial => self.partial += 1,
            Status::DeniedIam
            | Status::DeniedScp
            | Status::Throttled
            | Status::Timeout
            | Status::Expired
            | Status::Failed => self.without_rows += 1,
        }
    }
}

/// The state of a collected account after a run. A run that reached no partition at all is failing.
pub fn state_after_run(run: RunSummary) -> AccountState {
    if run.complete + run.partial == 0 {
        AccountState::Failing
    } else if run.partial + run.without_rows > 0 {
        AccountState::Degraded
    } else {
        AccountState::Active
    }
}

/// When missing accounts have to be missed twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DepartureSettings {
    /// At least this many missing accounts are held.
    pub max_accounts: u64,
    /// More than this share missing is held.
    pub percent: u32,
    /// How much later the confirming discovery has to begin.
    pub confirm_after: TimeDelta,
}

impl Default for DepartureSettings {
    fn default() -> Self {
        Self { max_accounts: 5, percent: 10, confirm_after: TimeDelta::seconds(60) }
    }
}

/// Departures that wait for a second discovery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldDepartures {
    /// When the discovery that first missed the accounts began.
    pub since: DateTime<Utc>,
    /// The accounts that every discovery since then has missed.
    pub accounts: BTreeSet<AccountId>,
}

/// What a complete discovery means for the accounts that it does not name.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Departures {
    /// They left.
    pub left: BTreeSet<AccountId>,
    /// They may have left.
    pub held: Option<HeldDepartures>,
}

/// Which of the `known` accounts left, given that a complete discovery begun at `started_at` named `listed`.
///
/// A discovery that names none while some are known, or misses many, has to be confirmed: then only accounts that
/// both discoveries miss have left.
pub fn departures(
    settings: &DepartureSettings,
    known: &BTreeSet<AccountId>,
    listed: &BTreeSet<AccountId>,
    held: Option<&HeldDepartures>,
    started_at: DateTime<Utc>,
) -> Departures {
    let missing: BTreeSet<AccountId> = known.difference(listed).cloned().collect();
    let count = missing.len() as u64;
    // One account of a few is a departure, not a shrinking list, although it is more than a tenth.
    let share = count > 1 && count * 100 > known.len() as u64 * u64::from(settings.percent);
    let suspicious = count > 0 && (listed.is_empty() || count >= settings.max_accounts || share);
    if !suspicious {
        return Departures { left: missing, held: None };
    }
    let again: BTreeSet<AccountId> =
        held.map(|it| it.accounts.intersection(&missing).cloned().collect()).unwrap_or_default();
    match held {
        Some(held) if !again.is_empty() => {
            if started_at - held.since < settings.confirm_after {
                let held = HeldDepartures { since: held.since, accounts: again };
                return Departures { left: BTreeSet::new(), held: Some(held) };
            }
            let rest: BTreeSet<AccountId> = missing.difference(&again).cloned().collect();
            let held = (!rest.is_empty()).then_some(HeldDepartures { since: started_at, accounts: rest });
            Departures { left: again, held }
        }
        _ => {
            let held = HeldDepartures { since: started_at, accounts: missing };
            Departures { left: BTreeSet::new(), held: Some(held) }
        }
    }
}

/// Whether the rows of an account that left may end now.
pub fn may_close(left_at: DateTime<Utc>, grace: TimeDelta, now: DateTime<Utc>) -> bool {
    now - left_at >= grace
}
