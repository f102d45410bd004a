//! The daemon: killed, doubled, stopped.

use std::collections::BTreeMap;
use std::time::Duration;

use orgraph_testkit::{eventually, eventually_within};
use serde_json::json;
use sqlx::PgPool;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::harness::{World, dump, number, stop};

const SHORT_LEASE: &str = "\n[daemon]\nlease = \"10s\"\nshutdown_timeout = \"10s\"\n";

async fn all_active(pool: &PgPool) -> bool {
    let states: Result<Vec<String>, _> =
        sqlx::query_scalar("SELECT state FROM orgraph.account").fetch_all(pool).await;
    states.is_ok_and(|it| it.len() == 3 && it.iter().all(|it| it == "active"))
}

#[tokio::test]
async fn a_killed_daemon_leaves_no_half_written_partition_and_another_completes() {
    let world = World::small().await;
    world.configure(SHORT_LEASE);
    world.aws.knobs(&json!({"latency_ms": 30})).await;
    let pool = world.pool();

    let mut first = world.start(&["run"], "first.log");
    eventually("something is written", async || {
        let written: Result<i64, _> =
            sqlx::query_scalar("SELECT count(*) FROM orgraph.coverage WHERE status = 'complete'")
                .fetch_one(&pool)
                .await;
        written.is_ok_and(|it| it > 5)
    })
    .await;
    first.kill().await.unwrap();
    // A partition is old or new, never mixed: what is stored is what its digest says.
    world.assert_no_mixed_partition().await;

    world.aws.knobs(&json!({"latency_ms": 0})).await;
    let mut second = world.start(&["run"], "second.log");
    eventually_within(Duration::from_mins(3), "the second daemon completes", async || {
        all_active(&pool).await
    })
    .await;
    eventually("what accounts say about each other is derived", async || {
        let log = world.log("second.log");
        let lines: Vec<&str> = log.lines().collect();
        let last = |what: &dyn Fn(&str) -> bool| lines.iter().rposition(|it| what(it));
        let derived = last(&|it| it.contains("say about each other is derived again"));
        let wrote = last(&|it| it.contains("is active") && !it.contains("created=0 changed=0 removed=0"));
        derived > wrote
    })
    .await;
    stop(&mut second).await;
    world.assert_no_mixed_partition().await;

    // And the graph is the one that an undisturbed sync leaves.
    let after = dump(&pool).await;
    world.orgraph(&["sync"]).await.expect_code(0);
    assert_eq!(dump(&pool).await, after, "another sync found something else");
}

#[tokio::test]
async fn two_daemons_share_the_accounts_and_one_takes_over_from_the_other() {
    let world = World::small().await;
    world.configure(&format!("{SHORT_LEASE}\n[polling]\ninterval = \"30m\"\n"));
    let pool = world.pool();

    let mut one = world.start(&["run"], "one.log");
    let mut two = world.start(&["run"], "two.log");
    eventually_within(Duration::from_mins(3), "both have read everything", async || all_active(&pool).await)
        .await;

    // Nothing was read twice: each account was opened once.
    let opened = runs(&world).await;
    assert_eq!(opened.len(), 3, "{opened:?}");
    assert!(opened.values().all(|it| *it == 1), "an account was read twice: {opened:?}");

    // Both are asked for everything again while one of them is killed in the middle.
    world.aws.knobs(&json!({"latency_ms": 50, "reset": true})).await;
    sqlx::query("UPDATE orgraph_internal.account SET next_due_at = now()").execute(&pool).await.unwrap();
    sqlx::query("UPDATE orgraph_internal.partition SET last_attempt_at = now() - interval '1 day'")
        .execute(&pool)
        .await
        .unwrap();
    let asked_at: chrono::DateTime<chrono::Utc> =
        sqlx::query_scalar("SELECT clock_timestamp()").fetch_one(&pool).await.unwrap();
    eventually("one of them works", async || {
        number(&pool, "SELECT count(*) FROM orgraph_internal.account_lease WHERE expires_at > now()").await
            > 0
    })
    .await;
    // The one to kill is the one that holds an account: the other has something to take over.
    let holder: String = sqlx::query_scalar(
        "SELECT holder FROM orgraph_internal.account_lease WHERE expires_at > now() ORDER BY account_id LIMIT 1",
    )
    .fetch_one(&pool)
    .await
    .unwrap();
    let first_holds = one.id().is_some_and(|pid| holder.starts_with(&format!("{pid}-")));
    let (killed, left) = if first_holds { (&mut one, &mut two) } else { (&mut two, &mut one) };
    killed.kill().await.unwrap();
    world.aws.knobs(&json!({"latency_ms": 0})).await;
    eventually_within(Duration::from_mins(3), "the other took over", async || {
        let finished: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM orgraph_internal.account WHERE last_run_finished_at > $1 AND state = 'active'",
        )
        .bind(asked_at)
        .fetch_one(&pool)
        .await
        .unwrap();
        finished == 3
    })
    .await;
    stop(left).await;
}

/// How often each account was read since the counters were reset: its buckets are listed once per run.
async fn runs(world: &World) -> BTreeMap<String, u64> {
    let report = world.aws.report().await;
    let mut runs = BTreeMap::new();
    for request in report["requests"].as_array().unwrap() {
        if request["service"] == "s3" && request["action"] == "ListBuckets" {
            let account = request["account"].as_str().unwrap().to_owned();
            *runs.entry(account).or_insert(0) += request["count"].as_u64().unwrap();
        }
    }
    runs
}

#[tokio::test]
async fn a_running_daemon_answers_for_its_health_and_counts_without_secrets() {
    let world = World::small().await;
    world.configure(SHORT_LEASE);
    let pool = world.pool();
    let mut daemon = world.start(&["run"], "counting.log");
    eventually_within(Duration::from_mins(3), "everything is read", async || all_active(&pool).await).await;
    let log = world.log("counting.log");
    let address = log.split("endpoint http://").nth(1).and_then(|it| it.split_whitespace().next());
    let address = address.unwrap_or_else(|| panic!("no address in {log}")).to_owned();

    assert!(get(&address, "/healthz").await.starts_with("HTTP/1.1 200"));
    assert!(get(&address, "/readyz").await.starts_with("HTTP/1.1 200"));
    let metrics = get(&address, "/metrics").await;
    for name in [
        "orgraph_aws_requests_total",
        "orgraph_partitions_total",
        "orgraph_accounts",
        "orgraph_partition_seconds",
    ] {
        assert!(metrics.contains(name), "{name} is missing:\n{metrics}");
    }
    for secret in world.seed["secrets"].as_array().unwrap() {
        assert!(!metrics.contains(secret.as_str().unwrap()), "a planted secret is in the metrics");
    }
    stop(&mut daemon).await;
}

async fn get(address: &str, path: &str) -> String {
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn a_daemon_asked_to_stop_stops_in_order_and_hands_its_work_back() {
    let world = World::small().await;
    world.configure(SHORT_LEASE);
    world.aws.knobs(&json!({"latency_ms": 100})).await;
    let pool = world.pool();
    let mut daemon = world.start(&["run"], "stopping.log");
    eventually("it works", async || {
        let leases: Result<i64, _> = sqlx::query_scalar(
            "SELECT count(*) FROM orgraph_internal.account_lease WHERE expires_at > now()",
        )
        .fetch_one(&pool)
        .await;
        leases.is_ok_and(|it| it > 0)
    })
    .await;

    stop(&mut daemon).await;

    let held = "SELECT count(*) FROM orgraph_internal.account_lease WHERE expires_at > now()";
    assert_eq!(number(&pool, held).await, 0, "{}", world.log("stopping.log"));
    world.assert_no_mixed_partition().await;
}
