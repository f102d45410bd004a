//! The private server, against the PostgreSQL programs of this machine. Runs as root and as a user.
#![expect(clippy::unwrap_used, reason = "a step that fails is a test that fails")]

mod refuses;
mod starts;
mod survives;

use orgraph_embedded::{EmbeddedError, Helper, Server, Settings};
use sqlx::{Connection, PgConnection};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// The test binary has libtest's `main`, so another program plays daemon and helper.
const PROGRAM: &str = env!("CARGO_BIN_EXE_orgraph-postgres-helper");

/// A directory that the server's account can pass through, also when the test is root.
fn scratch() -> TempDir {
    tempfile::Builder::new()
        .prefix("orgraph-embedded-")
        .permissions(std::fs::Permissions::from_mode(0o755))
        .tempdir()
        .unwrap()
}

fn settings(state_dir: impl Into<PathBuf>) -> Settings {
    let mut settings = Settings::new(state_dir);
    settings.helper = Helper::Program(PROGRAM.into());
    settings.config.insert("shared_buffers".to_owned(), "16MB".to_owned());
    settings
}

async fn start(state_dir: &Path) -> Server {
    Server::start(settings(state_dir)).await.unwrap()
}

async fn refusal(settings: Settings) -> EmbeddedError {
    match Server::start(settings).await {
        Ok(server) => panic!("must not start, but did: {server:?}"),
        Err(error) => error,
    }
}

/// Adds a row and gives how many there are now.
async fn add_row(url: &str) -> i64 {
    let mut connection = PgConnection::connect(url).await.unwrap();
    sqlx::raw_sql("CREATE TABLE IF NOT EXISTS kept (at timestamptz); INSERT INTO kept VALUES (now())")
        .execute(&mut connection)
        .await
        .unwrap();
    ask(&mut connection, "SELECT count(*)::text FROM kept").await.parse().unwrap()
}

async fn ask(connection: &mut PgConnection, question: &'static str) -> String {
    sqlx::query_scalar(question).fetch_one(connection).await.unwrap()
}

fn postmaster_pid(state_dir: &Path) -> Option<i32> {
    std::fs::read_to_string(state_dir.join("data/postmaster.pid")).ok()?.lines().next()?.trim().parse().ok()
}

fn signal(pid: i32, signal: nix::sys::signal::Signal) {
    nix::sys::signal::kill(nix::unistd::Pid::from_raw(pid), signal).unwrap();
}

fn is_alive(pid: i32) -> bool {
    nix::sys::signal::kill(nix::unistd::Pid::from_raw(pid), None).is_ok()
}

/// Looks again until the condition holds; a deadline, not a wait.
async fn eventually(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let begin = Instant::now();
    while !holds().await {
        assert!(begin.elapsed() < Duration::from_mins(1), "never happened: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
