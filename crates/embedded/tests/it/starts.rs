use crate::{PROGRAM, add_row, ask, postmaster_pid, scratch, settings, start};
use orgraph_embedded::{Helper, Server, Settings};
use sqlx::{Connection, PgConnection};
use std::os::unix::fs::MetadataExt;

#[tokio::test]
async fn the_second_start_finds_the_rows_of_the_first() {
    let dir = scratch();
    let state_dir = dir.path().join("state");

    let first = start(&state_dir).await;
    assert!(!first.adopted());
    assert_eq!(add_row(first.url()).await, 1);
    first.stop().await.unwrap();
    assert_eq!(postmaster_pid(&state_dir), None);

    let second = start(&state_dir).await;
    assert!(!second.adopted());
    assert_eq!(add_row(second.url()).await, 2);
    second.stop().await.unwrap();
}

#[tokio::test]
async fn the_server_is_durable_and_private() {
    let dir = scratch();
    let state_dir = dir.path().join("state");
    let mut settings = Settings::new(&state_dir); // the settings people get
    settings.helper = Helper::Program(PROGRAM.into());
    settings.config.insert("work_mem".to_owned(), "17MB".to_owned());

    let server = Server::start(settings).await.unwrap();
    let mut connection = PgConnection::connect(server.url()).await.unwrap();

    for (question, answer) in [
        ("SHOW fsync", "on"),
        ("SHOW full_page_writes", "on"),
        ("SHOW synchronous_commit", "on"),
        ("SHOW listen_addresses", ""),
        ("SHOW unix_socket_permissions", "0700"),
        ("SHOW data_checksums", "on"),
        ("SHOW autovacuum", "on"),
        ("SHOW jit", "off"),
        ("SHOW shared_buffers", "256MB"),
        ("SHOW max_connections", "60"),
        ("SHOW work_mem", "17MB"),
        ("SHOW server_encoding", "UTF8"),
        ("SELECT current_database()::text", "orgraph"),
        // No way in without the password, not even for the server's own account.
        ("SELECT string_agg(DISTINCT auth_method, ' ') FROM pg_hba_file_rules", "scram-sha-256"),
    ] {
        assert_eq!(ask(&mut connection, question).await, answer, "{question}");
    }
    for (file, mode) in [("superuser.password", 0o600), ("run", 0o700), ("data", 0o700), (".", 0o700)] {
        let metadata = std::fs::metadata(state_dir.join(file)).unwrap();
        assert_eq!(metadata.mode() & 0o777, mode, "{file}");
        assert_ne!(metadata.uid(), 0, "{file}");
    }
    let password = std::fs::read_to_string(state_dir.join("superuser.password")).unwrap();
    assert!(password.len() >= 64 && server.url().contains(&password));
    assert!(!format!("{server:?}").contains(&password));
    connection.close().await.unwrap();
    server.stop().await.unwrap();
}

#[tokio::test]
async fn odd_and_deep_directories_work() {
    let dir = scratch();
    let state_dir = dir.path().join("it's a, directory").join("deep".repeat(30));

    let server = start(&state_dir).await;

    assert_eq!(add_row(server.url()).await, 1);
    assert!(!state_dir.join("run").exists(), "the socket would not fit there");
    assert_eq!(Server::attach(&state_dir).await.unwrap().as_deref(), Some(server.url()));
    server.stop().await.unwrap();
}

#[tokio::test]
async fn another_process_learns_the_address_while_the_server_runs() {
    let dir = scratch();
    let state_dir = dir.path().join("state");
    assert_eq!(Server::attach(&state_dir).await.unwrap(), None);

    let server = start(&state_dir).await;
    let address = Server::attach(&state_dir).await.unwrap().unwrap();
    assert_eq!(add_row(&address).await, 1);
    assert_eq!(add_row(server.url()).await, 2);
    server.stop().await.unwrap();

    assert_eq!(Server::attach(&state_dir).await.unwrap(), None);
}

#[tokio::test]
async fn an_unfinished_cluster_is_made_anew() {
    let dir = scratch();
    let state_dir = dir.path().join("state");
    let server = start(&state_dir).await;
    server.stop().await.unwrap();
    // What a kill in the middle of initdb leaves behind.
    std::fs::rename(state_dir.join("data"), state_dir.join("data.new-0")).unwrap();
    std::fs::remove_file(state_dir.join("data.new-0/global/pg_control")).unwrap();

    let server = start(&state_dir).await;

    assert_eq!(add_row(server.url()).await, 1);
    assert!(!state_dir.join("data.new-0").exists());
    server.stop().await.unwrap();
}

#[tokio::test]
async fn a_server_that_cannot_start_says_why_and_leaves_nothing_running() {
    let dir = scratch();
    let state_dir = dir.path().join("state");
    let mut bad = settings(&state_dir);
    bad.config.insert("work_mem".to_owned(), "a lot".to_owned());

    let error = crate::refusal(bad).await.to_string();

    assert!(error.contains("work_mem"), "{error}");
    assert_eq!(postmaster_pid(&state_dir), None);
    start(&state_dir).await.stop().await.unwrap();
}
