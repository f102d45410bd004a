//! The test kit, as tests use it.

use orgraph_testkit::{aws, db, db_with, eventually};
use serde_json::json;
use sqlx::{Connection, PgConnection};
use std::sync::atomic::{AtomicUsize, Ordering};

async fn prepare(url: String) -> anyhow::Result<()> {
    let mut connection = PgConnection::connect(&url).await?;
    sqlx::raw_sql("CREATE TABLE planted (n int); INSERT INTO planted VALUES (7)")
        .execute(&mut connection)
        .await?;
    Ok(())
}

#[tokio::test]
async fn every_test_has_its_own_database() {
    let (one, other) = (db().await, db().await);

    sqlx::query("CREATE TABLE mine (n int)").execute(&one.pool()).await.unwrap();

    assert_ne!(one.name(), other.name());
    assert!(sqlx::query("SELECT n FROM mine").execute(&other.pool()).await.is_err());
}

/// A name that no earlier run of this binary has prepared.
fn fresh(name: &str) -> String {
    format!("{name}_{}", &uuid::Uuid::new_v4().simple().to_string()[..12])
}

#[tokio::test]
async fn a_prepared_database_is_prepared_once_and_copied() {
    let name = fresh("once");
    let prepared = AtomicUsize::new(0);
    let mut copies = Vec::new();

    for _ in 0..3 {
        copies.push(
            db_with(&name, async |url| {
                prepared.fetch_add(1, Ordering::SeqCst);
                prepare(url).await
            })
            .await,
        );
    }
    sqlx::query("DELETE FROM planted").execute(&copies[0].pool()).await.unwrap();

    assert_eq!(prepared.load(Ordering::SeqCst), 1);
    let left: i32 = sqlx::query_scalar("SELECT n FROM planted").fetch_one(&copies[1].pool()).await.unwrap();
    assert_eq!(left, 7);
}

#[tokio::test]
async fn a_preparation_that_failed_is_not_used() {
    let name = fresh("flawed");
    let first = name.clone();

    let failed = tokio::spawn(async move {
        db_with(&first, async |url| {
            prepare(url).await?;
            anyhow::bail!("no luck")
        })
        .await
    })
    .await;
    let second = db_with(&name, async |_| Ok(())).await;

    assert!(failed.is_err_and(|error| error.is_panic()));
    assert!(sqlx::query("SELECT n FROM planted").execute(&second.pool()).await.is_err());
}

#[tokio::test]
async fn many_tests_at_once_get_their_copies() {
    let name = fresh("crowd");
    let waiting: Vec<_> = (0..8)
        .map(|_| {
            let name = name.clone();
            tokio::spawn(async move { db_with(&name, prepare).await })
        })
        .collect();

    for db in waiting {
        let db = db.await.unwrap();
        let planted: i32 = sqlx::query_scalar("SELECT n FROM planted").fetch_one(&db.pool()).await.unwrap();
        assert_eq!(planted, 7);
    }
}

#[tokio::test]
async fn a_database_goes_with_its_test_even_when_connections_are_open() {
    let watcher = db().await;
    let db = db().await;
    let name = db.name().to_owned();
    let held = db.pool().acquire().await.unwrap();

    drop(db);

    let left: i64 = sqlx::query_scalar("SELECT count(*) FROM pg_database WHERE datname = $1")
        .bind(name)
        .fetch_one(&watcher.pool())
        .await
        .unwrap();
    assert_eq!(left, 0);
    drop(held);
}

#[tokio::test]
async fn the_stand_in_answers_counts_and_ends() {
    let mut aws = aws().await;
    assert!(aws.call_counts().await.is_empty());

    let organization = aws.seed(&["--scenario", "small", "--members", "1", "--regions", "us-east-1"]).await;
    let inventory = aws.inventory().await;
    let report = aws.knobs(&json!({ "reset": true, "throttle": 0.5 })).await;

    assert!(organization["management"]["id"].is_string(), "{organization}");
    assert!(inventory["counts"]["aws_vpc"].is_object(), "{inventory}");
    assert_eq!(report["knobs"]["throttle"], 0.5);
    assert!(aws.call_counts().await.is_empty());
    let authority = aws.endpoint().trim_start_matches("http://").to_owned();
    aws.kill().await;
    eventually("nobody listens any more", async || tokio::net::TcpStream::connect(&authority).await.is_err())
        .await;
}
