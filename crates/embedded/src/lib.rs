#![doc = include_str!("../README.md")]

mod account;
mod cluster;
mod error;
mod helper;
mod programs;
mod server;
mod socket;
mod state;
mod wire;

pub use account::Account;
pub use error::EmbeddedError;
pub use helper::run_helper_if_asked;
pub use programs::{MIN_MAJOR, Programs};
pub use server::{Helper, Server, Settings};

/// What every fallible function of this crate returns.
pub type Result<T, E = EmbeddedError> = std::result::Result<T, E>;
