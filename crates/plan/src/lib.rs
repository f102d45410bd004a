#![doc = include_str!("../README.md")]

mod account;
mod due;
mod guard;
mod lease;

pub use account::{
    AccountState, DepartureSettings, Departures, HeldDepartures, RunSummary, Sighting, departures, may_close,
    state_after_run, state_after_sighting,
};
pub use due::{Candidate, Interval, due, due_at, next_attempt};
pub use guard::{CommitPlan, GuardSettings, Held, HoldReason, Listing, StoredRows, Trust, commit_plan};
pub use lease::{Claim, LeaseRow, may_claim, may_commit};
