//! The compiler, asking and paths, against PostgreSQL.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod ask;
mod graph_db;
mod j1ql;
mod paths;
mod reference;
