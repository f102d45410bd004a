//! The decisions, as tables and as properties over random histories.

mod account;
mod due;
mod guard;
mod lease;
