use crate::{PROGRAM, add_row, eventually, is_alive, postmaster_pid, scratch, signal, start};
use nix::sys::signal::Signal::{SIGINT, SIGKILL, SIGTERM};
use sqlx::{Connection, PgConnection};
use std::path::Path;
use std::process::Stdio;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// A daemon in a process of its own, and the address of its server.
async fn daemon(state_dir: &Path) -> (Child, String) {
    let mut daemon = Command::new(PROGRAM)
        .arg("serve")
        .arg(state_dir)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(daemon.stdout.take().unwrap()).lines();
    let url = lines.next_line().await.unwrap().expect("the daemon prints its address");
    (daemon, url)
}

#[tokio::test]
async fn a_killed_daemon_takes_its_server_along_cleanly() {
    let dir = scratch();
    let state_dir = dir.path().join("state");
    let (mut daemon, url) = daemon(&state_dir).await;
    assert_eq!(add_row(&url).await, 1);
    let postmaster = postmaster_pid(&state_dir).unwrap();

    daemon.kill().await.unwrap();

    eventually("the server is down", async || !is_alive(postmaster)).await;
    assert_eq!(postmaster_pid(&state_dir), None, "a clean shutdown leaves no postmaster.pid");
    let server = start(&state_dir).await;
    assert_eq!(add_row(server.url()).await, 2);
    server.stop().await.unwrap();
}

#[tokio::test]
async fn a_daemon_restarted_at_once_waits_for_the_old_server_to_stop() {
    let dir = scratch();
    let state_dir = dir.path().join("state");
    let (mut daemon, url) = daemon(&state_dir).await;
    assert_eq!(add_row(&url).await, 1);

    daemon.kill().await.unwrap();
    let server = start(&state_dir).await;

    assert_eq!(add_row(server.url()).await, 2);
    server.stop().await.unwrap();
}

#[tokio::test]
async fn a_server_that_outlives_its_helper_is_adopted() {
    let dir = scratch();
    let state_dir = dir.path().join("state");
    let first = start(&state_dir).await;
    assert_eq!(add_row(first.url()).await, 1);
    let postmaster = postmaster_pid(&state_dir).unwrap();

    signal(first.helper_pid().unwrap().cast_signed(), SIGKILL);
    first.lost().await;

    let second = start(&state_dir).await;
    assert!(second.adopted());
    assert_eq!(postmaster_pid(&state_dir), Some(postmaster));
    assert_eq!(add_row(second.url()).await, 2);
    assert!(first.stop().await.unwrap_err().to_string().contains("adopts"));
    second.stop().await.unwrap();
    assert_eq!(postmaster_pid(&state_dir), None);
    eventually("the adopted server is down", async || !is_alive(postmaster)).await;
}

#[tokio::test]
async fn after_a_crash_of_everything_the_rows_are_there() {
    let dir = scratch();
    let state_dir = dir.path().join("state");
    let first = start(&state_dir).await;
    assert_eq!(add_row(first.url()).await, 1);
    let postmaster = postmaster_pid(&state_dir).unwrap();

    signal(first.helper_pid().unwrap().cast_signed(), SIGKILL);
    first.lost().await;
    signal(postmaster, SIGKILL);
    drop(first);

    let second = start(&state_dir).await;
    assert!(!second.adopted());
    assert_eq!(add_row(second.url()).await, 2);
    second.stop().await.unwrap();
}

#[tokio::test]
async fn a_server_that_dies_is_restarted() {
    let dir = scratch();
    let state_dir = dir.path().join("state");
    let server = start(&state_dir).await;
    assert_eq!(add_row(server.url()).await, 1);
    let postmaster = postmaster_pid(&state_dir).unwrap();

    signal(postmaster, SIGKILL);

    eventually("the server is back", async || {
        postmaster_pid(&state_dir) != Some(postmaster) && PgConnection::connect(server.url()).await.is_ok()
    })
    .await;
    assert_eq!(add_row(server.url()).await, 2);
    server.stop().await.unwrap();
}

#[tokio::test]
async fn the_helper_acts_on_the_end_of_its_input_only() {
    let dir = scratch();
    let state_dir = dir.path().join("state");
    let server = start(&state_dir).await;
    let helper = server.helper_pid().unwrap().cast_signed();

    for kind in [SIGTERM, SIGINT, SIGTERM] {
        signal(helper, kind);
    }

    assert_eq!(add_row(server.url()).await, 1);
    server.stop().await.expect("a helper ended by a signal could not have stopped the server");
    assert_eq!(postmaster_pid(&state_dir), None);
}
