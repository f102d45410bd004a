//! What the daemon and its helper say to each other: one line of JSON at a time.
//!
//! The daemon writes a [`Plan`], later [`CONFIRMED`], and closes the pipe when the server should stop.
//! The helper writes [`Event`]s until it exits.

use crate::programs::Programs;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// The first argument that makes the daemon's program a helper.
pub(crate) const HELPER_ARGUMENT: &str = "__postgres";

/// The daemon's word that the server found is its own, so that it may be stopped.
pub(crate) const CONFIRMED: &str = "confirmed";

/// Everything the helper needs to know.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Plan {
    pub(crate) programs: Programs,
    pub(crate) state_dir: PathBuf,
    pub(crate) database: String,
    pub(crate) config: BTreeMap<String, String>,
    pub(crate) start_timeout_secs: u64,
    pub(crate) stop_timeout_secs: u64,
    pub(crate) daemon_pid: u32,
}

/// What the helper reports.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Event {
    /// The server answers on its socket.
    Ready { socket_dir: PathBuf, adopted: bool },
    /// Another process has the state directory.
    InUse { pid: u32 },
    /// The server ended without being asked to.
    Died,
    /// ... and is up again.
    Restarted,
    /// Something did not work. The last words before the helper exits, or a failed restart.
    Failed { message: String },
}
