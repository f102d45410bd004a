//! `orgraph access` over a graph that was read.

use serde_json::Value;

use crate::harness::World;

async fn answer(world: &World, arguments: &[&str]) -> Value {
    let arguments: Vec<&str> =
        ["access"].iter().chain(arguments).chain(&["--format", "json"]).copied().collect();
    serde_json::from_str(&world.orgraph(&arguments).await.expect_code(0).stdout).unwrap()
}

#[tokio::test]
async fn who_may_do_what_is_answered_and_explained() {
    let world = World::small().await;
    world.orgraph(&["sync"]).await.expect_code(0);
    let pool = world.pool();
    let (bucket, account): (String, String) =
        sqlx::query_as("SELECT _key, account_id FROM orgraph.aws_s3_bucket ORDER BY _key LIMIT 1")
            .fetch_one(&pool)
            .await
            .unwrap();
    let principals: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM orgraph.entity WHERE _type IN ('aws_iam_role', 'aws_iam_user')
         AND account_id = $1 AND _source = 'integration-managed'",
    )
    .bind(&account)
    .fetch_one(&pool)
    .await
    .unwrap();
    let object = format!("{bucket}/report.csv");

    // Everybody of the account that may be let in is asked about, and its root user.
    let who = answer(&world, &["who-can", "s3:GetObject", &object]).await;
    let counted: i64 = ["allowed", "unknown", "denied"].iter().map(|it| who[it].as_i64().unwrap()).sum();
    assert!(counted > principals, "{who:#}");

    // Each of them is explained with the same answer.
    for row in who["answers"].as_array().unwrap() {
        let principal = row["principal"].as_str().unwrap();
        if !principal.starts_with("arn:") {
            continue;
        }
        let explained = answer(&world, &["explain", principal, "s3:GetObject", &object]).await;
        assert_eq!(explained["decision"], row["decision"], "{explained:#}");
        let is_open = explained["needs"].as_array().unwrap().is_empty();
        assert_eq!(is_open, explained["decision"] != "unknown", "{explained:#}");
        assert!(
            explained["layers"].as_array().unwrap().iter().any(|it| it["layer"] == "scp"),
            "{explained:#}"
        );
    }

    // The root user of a member is limited by nothing that is attached, and what it may do is said.
    let root = format!("arn:aws:iam::{account}:root");
    let explained = answer(&world, &["explain", &root, "s3:ListAllMyBuckets", "*"]).await;
    assert_eq!(explained["decision"], "allowed", "{explained:#}");
    let stranger = answer(&world, &["explain", "*", "s3:DeleteBucket", &bucket]).await;
    assert_ne!(stranger["decision"], "allowed", "{stranger:#}");
    let what = answer(&world, &["what-can", &root]).await;
    assert!(what["answers"].is_array(), "{what:#}");
}

#[tokio::test]
async fn an_account_that_was_never_read_is_not_left_out() {
    let world = World::small().await;
    let management = world.seed["management"]["id"].as_str().unwrap();
    world.orgraph(&["sync", "--account", management]).await.expect_code(0);

    let who = answer(&world, &["who-can", "s3:ListAllMyBuckets", "*"]).await;

    for member in ["production-web", "staging"] {
        let unread = format!("principals of account {}", world.member(member));
        let is_it = |row: &&Value| row["principal"] == unread.as_str();
        let row = who["answers"].as_array().unwrap().iter().find(is_it);
        assert_eq!(row.map(|it| &it["decision"]), Some(&Value::from("unknown")), "{who:#}");
    }
}

#[tokio::test]
async fn a_question_that_makes_no_sense_is_answered_with_one_line() {
    let world = World::small().await;
    let check = async |arguments: &[&str], expected: &str| {
        let said = world.orgraph(arguments).await.expect_code(2);
        assert_eq!(said.stderr.lines().count(), 1, "{}", said.stderr);
        assert!(said.stderr.contains(expected), "{}", said.stderr);
    };

    check(&["access", "explain", "ann", "s3:GetObject", "*"], "ann is no principal").await;
    check(&["access", "who-can", "GetObject", "*"], "GetObject is no action").await;
    check(&["access", "who-can", "s3:GetObject", "bucket"], "bucket is no resource").await;
    check(&["access", "who-can", "s3:GetObject", "*", "--context", "x"], "expected KEY=VALUE").await;
    check(&["access", "who-can", "s3:GetObject", "*", "--session-policy", "/nowhere"], "/nowhere").await;
    let nobody = "arn:aws:iam::111122223333:user/nobody";
    check(&["access", "what-can", nobody], "is not in the graph").await;
}
