//! The decisions, as tables and as properties over random histories.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod account;
mod due;
mod guard;
mod lease;
