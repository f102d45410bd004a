#![doc = include_str!("../README.md")]
#![expect(clippy::missing_panics_doc, reason = "everything here panics when a test cannot go on")]

mod aws;
mod db;
mod http;
mod postgres;

pub use aws::{Aws, aws};
pub use db::{TestDb, db, db_with};

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// The root of the repository.
pub fn repository() -> PathBuf {
    let mut root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    root.pop();
    root.pop();
    root
}

/// Looks again until the condition holds; panics when it has not within a minute.
///
/// For what another process or task brings about. Never a plain pause: that is either too short or too long.
pub async fn eventually(what: &str, holds: impl AsyncFnMut() -> bool) {
    eventually_within(Duration::from_mins(1), what, holds).await;
}

/// As [`eventually`], with another deadline.
pub async fn eventually_within(deadline: Duration, what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let begin = Instant::now();
    while !holds().await {
        assert!(begin.elapsed() < deadline, "not within {deadline:?}: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// The last lines of a log, for a message.
fn tail(log: &Path) -> String {
    let text =
        std::fs::read(log).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default();
    let lines: Vec<&str> = text.trim().lines().collect();
    lines[lines.len().saturating_sub(20)..].join("\n")
}
