//! What a run did, and who hears of it while it does.

use orgraph_model::{AccountId, Outcome, Partition};
use orgraph_plan::AccountState;
use orgraph_store::{Applied, Count};

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

impl Report {
    /// Nothing is done yet.
    pub(crate) fn new(account: AccountId, state: AccountState) -> Self {
        Self {
            account,
            state,
            reason: None,
            partitions: Vec::new(),
            changes: Changes::default(),
            is_interrupted: false,
        }
    }

    /// Counts what was done for the account again: how its partitions ended then is what holds.
    pub(crate) fn join(&mut self, again: Self) {
        self.partitions.retain(|(partition, _)| again.partitions.iter().all(|it| it.0 != *partition));
        self.partitions.extend(again.partitions);
        self.changes.join(again.changes);
    }
}

impl Changes {
    /// Whether nothing was written.
    pub(crate) fn is_empty(self) -> bool {
        self.created + self.changed + self.removed == 0
    }

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
