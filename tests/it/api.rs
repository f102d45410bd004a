//! The API of a running daemon: what its document shows works, and its log keeps the token to itself.

use std::os::unix::fs::PermissionsExt;

use orgraph_testkit::eventually;
use tokio::process::Child;

use crate::harness::{World, stop};

const TOKEN: &str = "correct-horse-battery-staple-0123456789";

/// A running daemon.
struct Daemon {
    child: Child,
    address: String,
}

impl Daemon {
    async fn start(world: &World, log: &str) -> Self {
        let child = world.start(&["run"], log);
        eventually("the daemon answers", async || address(&world.log(log)).is_some()).await;
        let address = address(&world.log(log)).unwrap();
        Self { child, address }
    }
}

fn address(log: &str) -> Option<String> {
    let rest = log.split("endpoint http://").nth(1)?;
    Some(rest.split_once(char::is_whitespace)?.0.to_owned())
}

/// What the blocks of shell of a document ask over HTTP, block by block.
fn blocks(text: &str) -> Vec<&str> {
    let blocks = text.split("```sh\n").skip(1).filter_map(|it| it.split("```").next());
    blocks.filter(|it| it.contains("curl ")).collect()
}

/// Every command of the document is answered by a daemon, without a token and with one.
pub(crate) async fn assert_document_is_true(world: &World) {
    let document = std::fs::read_to_string(orgraph_testkit::repository().join("docs/API.md")).unwrap();
    let blocks = blocks(&document);
    let (with_token, without): (Vec<_>, Vec<_>) = blocks.into_iter().partition(|it| it.contains("Bearer"));
    let names = names(world).await;

    let mut daemon = Daemon::start(world, "open.log").await;
    let mut asked = 0;
    for block in without {
        asked += answered(world, block, &names, "localhost:9464", &daemon.address).await;
    }
    stop(&mut daemon.child).await;
    assert!(asked >= 9, "only {asked} commands without a token");

    let file = world.write("http-token", TOKEN);
    std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o600)).unwrap();
    world.configure("token_file = \"http-token\"\n[log]\nlevel = \"trace\"\n");
    let mut daemon = Daemon::start(world, "closed.log").await;
    let mut asked = 0;
    for block in with_token {
        asked += answered(world, block, &names, "https://graph.example.com:9464", &daemon.address).await;
    }
    assert!(asked >= 1, "no command with a token");
    the_log_keeps_the_token_to_itself(world, &daemon.address).await;
    stop(&mut daemon.child).await;
    world.configure("");
}

/// What the documents call things, and what the sample does.
pub(crate) async fn names(world: &World) -> Vec<(&'static str, String)> {
    let account = world.member("production-web");
    let pool = world.pool();
    let bucket: String = sqlx::query_scalar(
        "SELECT display_name FROM orgraph.entity WHERE _type = 'aws_s3_bucket' AND account_id = $1 ORDER BY _key LIMIT 1",
    )
    .bind(&account)
    .fetch_one(&pool)
    .await
    .unwrap();
    let role: String = sqlx::query_scalar(
        "SELECT _key FROM orgraph.entity WHERE _type = 'aws_iam_role' AND account_id = $1 ORDER BY _key LIMIT 1",
    )
    .bind(&account)
    .fetch_one(&pool)
    .await
    .unwrap();
    let role = role.split_once(":role/").unwrap().1.to_owned();
    vec![
        ("111122223333", account),
        ("orders", bucket),
        ("role/deploy", format!("role/{role}")),
        ("role%2Fdeploy", format!("role%2F{}", role.replace('/', "%2F"))),
    ]
}

/// Runs a block as it stands, but for names; and says how many requests that were.
async fn answered(world: &World, block: &str, names: &[(&str, String)], from: &str, address: &str) -> usize {
    assert!(block.contains(from), "{block}");
    let mut script = block.replace(from, address).replace("curl -s ", "curl -sS --fail-with-body ");
    for (name, here) in names {
        script = script.replace(name, here);
    }
    let said = world.shell(&format!("set -e\n{script}")).await;
    assert!(said.status.success(), "{script}\nstdout:\n{}\nstderr:\n{}", said.stdout, said.stderr);
    assert!(said.stdout.contains('{'), "{script}\n{}", said.stdout);
    block.matches("curl ").count()
}

/// At the finest level: the requests show, what opens the door does not, nor what others tried.
async fn the_log_keeps_the_token_to_itself(world: &World, address: &str) {
    let ask = async |arguments: String| world.shell(&format!("curl -s {arguments}")).await.stdout;
    let bearer = format!("-H 'Authorization: Bearer {TOKEN}'");
    let accounts = format!("'http://{address}/v1/accounts");
    let tried =
        ["wrong-token-of-somebody", "d3Jvbmc6cGFzc3dvcmQ=", "token-in-the-address", "wrong-in-the-address"];

    let right = ask(format!("{accounts}' {bearer}")).await;
    let wrong = ask(format!("{accounts}' -H 'Authorization: Bearer {}'", tried[0])).await;
    let other = ask(format!("{accounts}' -H 'Authorization: Basic {}'", tried[1])).await;
    let in_address = ask(format!("{accounts}?Authorization={TOKEN}-{}' {bearer}", tried[2])).await;
    let both = ask(format!("{accounts}?Authorization=Bearer%20{}'", tried[3])).await;
    // And one that is logged, since the database ends it.
    let sleeping = ask(format!(
        "'http://{address}/v1/query?Authorization={}' {bearer} --json '{{\"sql\": \"SELECT pg_sleep(60)\"}}'",
        tried[2]
    ));
    let pool = world.pool();
    let ending = eventually("the question is ended", async || {
        let ended: Vec<bool> = sqlx::query_scalar(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
             WHERE datname = current_database() AND state = 'active' AND query LIKE '%pg_temp.ask%'
               AND pid <> pg_backend_pid()",
        )
        .fetch_all(&pool)
        .await
        .unwrap();
        !ended.is_empty()
    });
    let (ended, ()) = tokio::join!(sleeping, ending);

    assert!(right.contains("accountId"), "{right}");
    for said in [&wrong, &other, &both] {
        assert!(said.contains("urn:orgraph:problem:unauthorized"), "{said}");
    }
    assert!(in_address.contains("urn:orgraph:problem:bad-request"), "{in_address}");
    assert!(ended.contains("urn:orgraph:problem:unavailable"), "{ended}");
    let log = world.log("closed.log");
    assert!(log.contains("a request to the API failed"), "the log says what happened: {log}");
    for secret in tried.iter().copied().chain([TOKEN]) {
        for said in [&log, &wrong, &other, &in_address, &both, &ended] {
            assert!(!said.contains(secret), "{secret} is in what was said:\n{said}");
        }
    }
}

#[test]
fn an_address_and_the_blocks_that_ask_are_found() {
    assert_eq!(address("INFO endpoint http://127.0.0.1:7 is open\n").as_deref(), Some("127.0.0.1:7"));
    assert_eq!(address("INFO endpoint http://127.0"), None, "half a line");
    assert_eq!(blocks("```sh\ncurl -s a\n```\n`curl`\n```sh\nls\n```\n"), ["curl -s a\n"]);
}
