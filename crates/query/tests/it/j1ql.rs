//! J1QL.

mod conformance;
pub(crate) mod database;
pub(crate) mod graph;
mod injection;
mod published;
mod random;
