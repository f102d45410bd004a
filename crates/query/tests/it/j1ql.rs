//! J1QL.

mod conformance;
pub(crate) mod database;
mod docs;
pub(crate) mod graph;
mod injection;
mod past;
mod published;
mod random;
