#![doc = include_str!("../README.md")]

mod dns;
mod domains;
mod facts;
mod linker;
mod people;
pub mod roster;
mod trails;

pub use facts::{Fact, Facts};
pub use linker::{Input, Linked, Linker, Lookup, Settings};

/// Every linker.
pub static LINKERS: &[&Linker] =
    &[&dns::RECORDS, &domains::ZONES, &people::USERS, &trails::ORGANIZATION_TRAILS];
