use crate::{add_row, postmaster_pid, refusal, scratch, settings, start};
use orgraph_embedded::{Account, EmbeddedError, Programs, Server};
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

fn edit(file: &Path, edit: impl FnOnce(String) -> String) {
    let text = std::fs::read_to_string(file).unwrap();
    std::fs::write(file, edit(text)).unwrap();
}

#[tokio::test]
async fn a_directory_with_other_things_in_it_is_left_alone() {
    let dir = scratch();
    let state_dir = dir.path().join("precious");
    std::fs::create_dir(&state_dir).unwrap();
    std::fs::write(state_dir.join("letter.txt"), "dear").unwrap();
    let before = std::fs::metadata(&state_dir).unwrap();

    let error = refusal(settings(&state_dir)).await;

    assert!(matches!(error, EmbeddedError::Foreign { .. }), "{error}");
    let after = std::fs::metadata(&state_dir).unwrap();
    assert_eq!((before.uid(), before.mode()), (after.uid(), after.mode()));
    assert_eq!(std::fs::read_dir(&state_dir).unwrap().count(), 1);
}

#[tokio::test]
async fn the_data_directory_of_another_server_is_refused() {
    let dir = scratch();
    let state_dir = dir.path().join("state");
    start(&state_dir).await.stop().await.unwrap();

    let inner = refusal(settings(state_dir.join("data"))).await;
    std::fs::remove_file(state_dir.join("data/orgraph-cluster.json")).unwrap();
    let unmarked = refusal(settings(&state_dir)).await;

    assert!(inner.to_string().contains("data directory of another"), "{inner}");
    assert!(unmarked.to_string().contains("orgraph-cluster.json"), "{unmarked}");
}

#[tokio::test]
async fn an_exchanged_cluster_is_refused() {
    let dir = scratch();
    let (one, other) = (dir.path().join("one"), dir.path().join("other"));
    for state_dir in [&one, &other] {
        start(state_dir).await.stop().await.unwrap();
    }
    std::fs::copy(other.join("data/global/pg_control"), one.join("data/global/pg_control")).unwrap();

    let error = refusal(settings(&one)).await;

    assert!(matches!(error, EmbeddedError::Foreign { .. }), "{error}");
}

#[tokio::test]
async fn data_of_another_major_version_is_refused_by_name() {
    let dir = scratch();
    let state_dir = dir.path().join("state");
    start(&state_dir).await.stop().await.unwrap();
    edit(&state_dir.join("data/PG_VERSION"), |_| "11\n".to_owned());
    edit(&state_dir.join("data/orgraph-cluster.json"), |text| {
        let (front, _) = text.split_once("\"major\":").unwrap();
        format!("{front}\"major\":11}}")
    });

    let error = refusal(settings(&state_dir)).await;

    assert!(matches!(error, EmbeddedError::Major { needed: 11, .. }), "{error}");
    assert!(error.to_string().contains("pg_upgrade"), "{error}");
}

#[tokio::test]
async fn data_of_another_account_is_refused() {
    let dir = scratch();
    let state_dir = dir.path().join("state");
    let server = start(&state_dir).await;
    server.stop().await.unwrap();
    // Only root can give files away; without root the unit test of `Account` stands for this.
    if !nix::unistd::geteuid().is_root() {
        return;
    }
    chown(state_dir.join("data"), Some(54_321), None).unwrap();

    let error = refusal(settings(&state_dir)).await;

    assert!(matches!(error, EmbeddedError::Owner { .. }), "{error}");
    assert!(error.to_string().contains("uid 54321"), "{error}");
}

#[tokio::test]
async fn a_second_daemon_is_told_who_has_the_directory() {
    let dir = scratch();
    let state_dir = dir.path().join("state");
    let server = start(&state_dir).await;

    let error = refusal(settings(&state_dir)).await;

    assert!(matches!(error, EmbeddedError::InUse { pid, .. } if pid == std::process::id()), "{error}");
    assert_eq!(add_row(server.url()).await, 1, "the first goes on undisturbed");
    server.stop().await.unwrap();
}

#[tokio::test]
async fn a_process_id_used_by_somebody_else_is_reported_and_the_file_kept() {
    let dir = scratch();
    let state_dir = dir.path().join("state");
    start(&state_dir).await.stop().await.unwrap();
    let pid_file = state_dir.join("data/postmaster.pid");
    let us = std::process::id();
    let content =
        format!("{us}\n{0}/data\n1700000000\n5432\n{0}/run\n\n1 2\nready   \n", state_dir.display());
    std::fs::write(&pid_file, &content).unwrap();
    if nix::unistd::geteuid().is_root() {
        std::os::unix::fs::chown(&pid_file, Some(std::fs::metadata(&state_dir).unwrap().uid()), None)
            .unwrap();
    }

    let error = refusal(settings(&state_dir)).await.to_string();

    assert!(error.contains(&us.to_string()) && error.contains("remove the file"), "{error}");
    assert_eq!(std::fs::read_to_string(&pid_file).unwrap(), content);
    assert_eq!(Server::attach(&state_dir).await.unwrap(), None);
}

#[tokio::test]
async fn settings_that_would_lose_data_or_open_a_door_are_refused() {
    let dir = scratch();
    for (name, value) in [("fsync", "off"), ("listen_addresses", "*"), ("port", "1"), ("a b", "c")] {
        let mut settings = settings(dir.path().join("state"));
        settings.config.insert(name.to_owned(), value.to_owned());

        let error = refusal(settings).await;

        assert!(matches!(error, EmbeddedError::Settings { .. }), "{error}");
    }
    let mut settings = settings(dir.path().join("state"));
    settings.database = "x\"; DROP DATABASE y".to_owned();
    assert!(matches!(refusal(settings).await, EmbeddedError::Settings { .. }));
    assert!(!dir.path().join("state").exists());
}

#[tokio::test]
async fn an_adopted_server_without_fsync_is_refused_and_stopped() {
    let dir = scratch();
    let state_dir = dir.path().join("state");
    start(&state_dir).await.stop().await.unwrap();
    // Somebody starts our cluster by hand, unsafely.
    let mut by_hand = Command::new(Programs::find(None).unwrap().path("pg_ctl"));
    if let Some(account) = Account::for_new_server().unwrap() {
        by_hand.uid(account.uid).gid(account.gid);
    }
    let options = format!("-c fsync=off -c listen_addresses= -c port=5432 -k {}/run", state_dir.display());
    by_hand.current_dir("/").args(["start", "-s", "-w", "-l"]).arg(state_dir.join("by-hand.log"));
    by_hand.arg("-D").arg(state_dir.join("data")).args(["-o", &options]);
    assert!(by_hand.status().unwrap().success());

    let error = refusal(settings(&state_dir)).await;

    assert!(matches!(error, EmbeddedError::Unsafe { name: "fsync", .. }), "{error}");
    assert_eq!(postmaster_pid(&state_dir), None);
    start(&state_dir).await.stop().await.unwrap();
}

#[tokio::test]
async fn a_configured_directory_without_programs_is_refused() {
    let dir = scratch();
    let mut settings = settings(dir.path().join("state"));
    settings.bin_dir = Some(dir.path().to_path_buf());

    let error = refusal(settings).await;

    assert!(error.to_string().contains("database.embedded.bin_dir"), "{error}");
    assert_eq!(postmaster_pid(dir.path()), None);
}
