#![doc = include_str!("../README.md")]

pub mod access;
mod dns;
mod domains;
mod everyone;
mod facts;
mod linker;
mod people;
mod placeholder;
mod policy;
pub mod roster;
mod security_groups;
mod services;
mod trails;
mod trust;

pub use facts::{Fact, Facts};
pub use linker::{Input, Linked, Linker, Lookup, Parts, Settings};

/// Every linker, in the order in which they run: one may start from what another one gives.
pub static LINKERS: &[&Linker] = &[
    &security_groups::RULES,
    &dns::RECORDS,
    &domains::ZONES,
    &people::USERS,
    &trails::ORGANIZATION_TRAILS,
    &trust::TRUSTS,
    &everyone::OPEN_BUCKETS,
    &policy::ALLOWED,
    &policy::BOUNDARIES,
    &services::NAMED_SERVICES,
];
