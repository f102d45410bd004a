#![doc = include_str!("../README.md")]

mod account;
mod apply;
mod bulk;
mod changes;
mod close;
mod compare;
mod connect;
mod coverage;
mod digest;
mod entities;
mod error;
mod history;
mod lease;
mod links;
mod memory;
mod merge;
mod partition;
mod prepare;
mod reference;
mod relationship_type;
mod type_view;
mod unknown;
mod verdict;
mod write;

pub use account::{AccountRow, Discovery, Origin, RunEnd, Sighted};
pub use apply::{Applied, Count, Holding};
pub use connect::{ConnectSettings, Store, migrate};
pub use coverage::{Health, PartitionState, StoredGap};
pub use error::StoreError;
pub use lease::Lease;
pub use links::{LinkInput, LinkState, Stamp};
pub use orgraph_plan::GuardSettings;
pub use orgraph_spill::MemoryLimits;
pub use type_view::{PgType, TypeView};

/// What every fallible function of this crate returns.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;
