//! The repository as a whole, and the daemon as a whole.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod access;
mod api;
mod daemon;
mod harness;
mod paths;
mod query;
mod questions;
mod repo;
mod sync;
