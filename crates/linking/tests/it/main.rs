//! Tests against a real PostgreSQL.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod edits;
mod fixture;
mod steps;
