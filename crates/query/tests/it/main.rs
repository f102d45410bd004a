//! The compiler against PostgreSQL.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod j1ql;
mod reference;
