//! The store against a real PostgreSQL. Each test has a database of its own.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod accounts;
mod coverage;
mod ends;
mod entities;
mod find;
mod fixture;
mod guard;
mod history;
mod leases;
mod model;
mod privileges;
mod reconcile;
mod references;
mod shared;
mod spilled;
mod views;
