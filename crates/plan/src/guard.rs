//! What a snapshot may do to the rows of its partition: the removal guard.
//!
//! A complete listing can still be wrong, since a JSON answer without its list looks like an empty one. So a listing
//! that would remove too much changes and adds at once, but its removals wait for a second listing to agree.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use orgraph_model::{EntityId, Snapshot};

/// When removals have to be confirmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GuardSettings {
    /// Whether anything is held at all.
    pub enabled: bool,
    /// A loss of more than this share is held.
    pub percent: u32,
    /// The share counts only in partitions of at least this size; one that loses everything is held at any size.
    pub min_rows: u64,
    /// How much later the confirming listing has to begin.
    pub confirm_after: TimeDelta,
}

impl Default for GuardSettings {
    fn default() -> Self {
        Self { enabled: true, percent: 30, min_rows: 20, confirm_after: TimeDelta::seconds(60) }
    }
}

/// Removals that wait for confirmation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// When the listing that first missed the rows began.
    pub since: DateTime<Utc>,
    /// The rows that every listing since then has missed.
    pub rows: BTreeSet<EntityId>,
}

/// What is stored of the partition.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StoredRows {
    /// How many entities; in a partition that never has entities, how many relationships.
    pub counted: u64,
    /// The removals that wait.
    pub held: Option<Held>,
}

/// How far a listing can be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trust {
    /// It did not end: it says nothing about rows.
    Nothing,
    /// What it names exists; what it does not name may exist.
    Presence,
    /// What it does not name is gone.
    Absence,
}

impl Trust {
    /// How far a snapshot can be trusted, as far as the snapshot itself can tell.
    pub fn in_snapshot(snapshot: &Snapshot) -> Self {
        if !snapshot.outcome.status.has_rows() {
            Self::Nothing
        } else if snapshot.may_remove() {
            Self::Absence
        } else {
            Self::Presence
        }
    }
}

/// What a snapshot says, compared with what is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// When reading began.
    pub started_at: DateTime<Utc>,
    /// How far it can be trusted.
    pub trust: Trust,
    /// How many rows it names, of the kind that [`StoredRows::counted`] counts.
    pub counted: u64,
    /// The stored and unprotected rows of the counted kind that it does not name.
    pub missing: BTreeSet<EntityId>,
    /// The other stored and unprotected rows that it does not name.
    pub missing_others: BTreeSet<EntityId>,
}

/// Why removals wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HoldReason {
    /// The partition had rows and the listing names none.
    Emptied,
    /// The listing misses a larger share than allowed.
    Shrunk,
}

/// What to do with a snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CommitPlan {
    /// Record the attempt, touch no row and no hold.
    KeepRows,
    /// Write what the snapshot names and remove nothing.
    ApplyWithoutRemoval {
        /// What still waits: rows that were seen again do not.
        held: Option<Held>,
    },
    /// Write what the snapshot names and remove these rows. Nothing waits any more.
    ApplyAndRemove {
        /// The rows to remove.
        remove: BTreeSet<EntityId>,
    },
    /// Write what the snapshot names, remove the confirmed rows, let the others wait.
    Hold {
        /// The rows that an earlier listing missed as well; often none.
        remove: BTreeSet<EntityId>,
        /// The rows that wait.
        held: Held,
        /// Why.
        reason: HoldReason,
    },
}

/// What a listing leads to.
///
/// A held row is removed only when two listings missed it that began at least
/// [`confirm_after`](GuardSettings::confirm_after) apart and none in between saw it. Rows that only the second one
/// misses are judged again on their own, against what the confirmed removals leave.
pub fn commit_plan(settings: &GuardSettings, stored: &StoredRows, listing: &Listing) -> CommitPlan {
    let missing = || listing.missing.union(&listing.missing_others).copied();
    let still_held = stored.held.as_ref().and_then(|held| {
        let rows: BTreeSet<_> = missing().filter(|it| held.rows.contains(it)).collect();
        (!rows.is_empty()).then_some(Held { since: held.since, rows })
    });
    match listing.trust {
        Trust::Nothing => return CommitPlan::KeepRows,
        Trust::Presence => return CommitPlan::ApplyWithoutRemoval { held: still_held },
        Trust::Absence => {}
    }

    let lost = listing.missing.len() as u64;
    let Some(reason) = suspicion(settings, stored.counted, listing.counted, lost) else {
        return CommitPlan::ApplyAndRemove { remove: missing().collect() };
    };
    let hold_all = || Held { since: listing.started_at, rows: missing().collect() };
    let Some(still_held) = still_held else {
        return CommitPlan::Hold { remove: BTreeSet::new(), held: hold_all(), reason };
    };
    if listing.started_at - still_held.since < settings.confirm_after {
        return CommitPlan::Hold { remove: BTreeSet::new(), held: still_held, reason };
    }

    let confirmed = still_held.rows;
    let confirmed_lost = listing.missing.iter().filter(|it| confirmed.contains(it)).count() as u64;
    let rest: BTreeSet<_> = missing().filter(|it| !confirmed.contains(it)).collect();
    let left = stored.counted.saturating_sub(confirmed_lost);
    match suspicion(settings, left, listing.counted, lost - confirmed_lost) {
        Some(reason) => {
            let held = Held { since: listing.started_at, rows: rest };
            CommitPlan::Hold { remove: confirmed, held, reason }
        }
        None => CommitPlan::ApplyAndRemove { remove: confirmed.into_iter().chain(rest).collect() },
    }
}

fn suspicion(settings: &GuardSettings, stored: u64, named: u64, lost: u64) -> Option<HoldReason> {
    if lost == 0 || !settings.enabled {
        None
    } else if named == 0 {
        Some(HoldReason::Emptied)
    } else if stored >= settings.min_rows && lost * 100 > stored * u64::from(settings.percent) {
        Some(HoldReason::Shrunk)
    } else {
        None
    }
}
