//! The repository as a whole, and the daemon as a whole.

mod daemon;
mod harness;
mod repo;
mod sync;
