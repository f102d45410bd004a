use chrono::{DateTime, TimeDelta, Utc};
use orgraph_model::vocabulary::{AWS_INSTANCE, AWS_VPC};
use orgraph_model::{AccountId, Region, Snapshot, Verb};
use serde_json::{Value, json};

use crate::fixture::{Fixture, account, at, entity, partition, region, relationship, snapshot};

fn found(account: &AccountId, seconds: i64, instances: &[(&str, &str)]) -> Snapshot {
    let entities = instances
        .iter()
        .map(|(key, state)| entity(account, AWS_INSTANCE, key, json!({"state": state})))
        .collect();
    let mut found = snapshot(&partition(account, "ec2"), seconds, entities);
    found.relationships = instances
        .iter()
        .map(|(key, _)| relationship((AWS_VPC, "vpc-1"), Verb::Has, (AWS_INSTANCE, key)))
        .collect();
    found
}

async fn states_at(fixture: &Fixture, at: DateTime<Utc>) -> Vec<(String, String)> {
    sqlx::query_as("SELECT _key, properties ->> 'state' FROM orgraph.entity_at($1) ORDER BY _key")
        .bind(at)
        .fetch_all(&fixture.db.pool())
        .await
        .unwrap()
}

async fn changes(
    fixture: &Fixture,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Vec<(String, String, Option<Value>, Option<Value>)> {
    sqlx::query_as(
        "SELECT change, _key, before -> 'properties', after -> 'properties' FROM orgraph.changes($1, $2) ORDER BY kind, _key",
    )
    .bind(from)
    .bind(to)
    .fetch_all(&fixture.db.pool())
    .await
    .unwrap()
}

#[tokio::test]
async fn the_past_shows_what_was_there_then() {
    let fixture = Fixture::new().await;
    let account = account(1);
    let lease = fixture.lease(&account).await;
    let start = fixture.now().await;
    fixture.reconcile(&lease, found(&account, 0, &[("i-1", "running"), ("i-2", "running")])).await;
    let loaded = fixture.now().await;
    fixture.reconcile(&lease, found(&account, 1, &[("i-1", "stopped"), ("i-2", "running")])).await;
    let stopped = fixture.now().await;
    fixture.reconcile(&lease, found(&account, 2, &[("i-1", "stopped")])).await;
    let ended = fixture.now().await;

    let pair = |key: &str, state: &str| (key.to_owned(), state.to_owned());
    assert!(states_at(&fixture, start).await.is_empty());
    assert_eq!(states_at(&fixture, loaded).await, [pair("i-1", "running"), pair("i-2", "running")]);
    assert_eq!(states_at(&fixture, stopped).await, [pair("i-1", "stopped"), pair("i-2", "running")]);
    assert_eq!(states_at(&fixture, ended).await, [pair("i-1", "stopped")]);

    for (time, expected) in [(start, 0), (stopped, 2), (ended, 1)] {
        let count: i64 =
            sqlx::query_scalar("SELECT count(*) FROM orgraph.relationship_at($1) WHERE dangling")
                .bind(time)
                .fetch_one(&fixture.db.pool())
                .await
                .unwrap();
        assert_eq!(count, expected);
    }

    let vpc_edge = |key: &str| format!("vpc-1|HAS|{key}");
    let running = Some(json!({"state": "running"}));
    let is_stopped = Some(json!({"state": "stopped"}));
    let none = Some(json!({}));
    assert_eq!(
        changes(&fixture, loaded, ended).await,
        [
            ("updated".to_owned(), "i-1".to_owned(), running.clone(), is_stopped.clone()),
            ("deleted".to_owned(), "i-2".to_owned(), running.clone(), None),
            ("deleted".to_owned(), vpc_edge("i-2"), none.clone(), None),
        ]
    );
    assert_eq!(
        changes(&fixture, start, ended).await,
        [
            ("created".to_owned(), "i-1".to_owned(), None, is_stopped),
            ("deleted".to_owned(), "i-2".to_owned(), None, None),
            ("created".to_owned(), vpc_edge("i-1"), None, none.clone()),
            ("deleted".to_owned(), vpc_edge("i-2"), None, None),
        ]
    );
    assert_eq!(
        changes(&fixture, start, loaded).await,
        [
            ("created".to_owned(), "i-1".to_owned(), None, running.clone()),
            ("created".to_owned(), "i-2".to_owned(), None, running),
            ("created".to_owned(), vpc_edge("i-1"), None, none.clone()),
            ("created".to_owned(), vpc_edge("i-2"), None, none),
        ]
    );
    assert!(changes(&fixture, ended, fixture.now().await).await.is_empty());
}

#[tokio::test]
async fn the_functions_give_the_columns_of_the_views() {
    let fixture = Fixture::new().await;
    let columns = async |what: &str| {
        fixture
            .column(&format!(
                "SELECT column_name::text FROM information_schema.columns WHERE table_schema = 'orgraph' AND table_name = '{what}' ORDER BY ordinal_position"
            ))
            .await
    };
    let outputs = async |what: &str| {
        fixture
            .column(&format!(
                "SELECT n FROM pg_proc AS p, unnest(p.proargnames, p.proargmodes) WITH ORDINALITY AS u(n, mode, at)
                 WHERE p.oid = 'orgraph.{what}(timestamptz)'::regprocedure AND mode = 't' ORDER BY at"
            ))
            .await
    };

    assert_eq!(columns("entity").await, outputs("entity_at").await);
    assert_eq!(columns("relationship").await, outputs("relationship_at").await);
}

#[tokio::test]
async fn the_past_is_reached_through_indexes() {
    let fixture = Fixture::new().await;
    let plan = fixture
        .column("EXPLAIN SELECT * FROM orgraph.entity_at('2026-01-01') WHERE _type = 'aws_instance' AND account_id = '000000000001'")
        .await
        .join("\n");

    assert!(!plan.contains("Function Scan"), "the function is not inlined:\n{plan}");
}

#[tokio::test]
async fn history_goes_into_the_partition_of_its_month() {
    let fixture = Fixture::new().await;
    let account = account(1);
    let lease = fixture.lease(&account).await;
    fixture.store.ensure_history_partitions(fixture.now().await).await.unwrap();
    fixture.reconcile(&lease, found(&account, 0, &[("i-1", "running")])).await;
    fixture.reconcile(&lease, found(&account, 1, &[("i-1", "stopped")])).await;

    let table = fixture.column("SELECT tableoid::regclass::text FROM orgraph_internal.entity_history").await;
    let month: String =
        fixture.value("SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY_MM')").await;
    assert_eq!(table, [format!("orgraph_internal.entity_history_{month}")]);
}

#[tokio::test]
async fn only_months_that_are_over_are_dropped() {
    let fixture = Fixture::new().await;
    let long_ago = fixture.now().await - TimeDelta::days(400);
    fixture.store.ensure_history_partitions(long_ago).await.unwrap();

    assert_eq!(fixture.store.drop_history(fixture.now().await - TimeDelta::days(200)).await.unwrap(), 6);
    assert!(fixture.store.drop_history(fixture.now().await).await.is_err(), "the last day is never dropped");
}

#[tokio::test]
async fn a_closed_account_keeps_its_history_and_the_reason() {
    let fixture = Fixture::new().await;
    let account = account(1);
    let lease = fixture.lease(&account).await;
    fixture.reconcile(&lease, found(&account, 0, &[("i-1", "running"), ("i-2", "running")])).await;
    let before = fixture.now().await;

    let ended = fixture.store.close_account(&lease, "left the organization").await.unwrap();

    assert_eq!((ended.entities, ended.relationships), (2, 2));
    assert!(fixture.keys().await.is_empty());
    assert_eq!(states_at(&fixture, before).await.len(), 2);
    assert_eq!(fixture.value::<i64>("SELECT count(*) FROM orgraph.coverage").await, 0);
    let reasons = fixture
        .column("SELECT DISTINCT op::text || ': ' || reason FROM orgraph_internal.entity_history")
        .await;
    assert_eq!(reasons, ["D: left the organization"]);
}

#[tokio::test]
async fn a_region_that_is_off_ends_alone() {
    let fixture = Fixture::new().await;
    let account = account(1);
    let lease = fixture.lease(&account).await;
    fixture.reconcile(&lease, found(&account, 0, &[("i-1", "running")])).await;
    let mut elsewhere = partition(&account, "iam");
    elsewhere.region = Region::global();
    fixture
        .reconcile(&lease, snapshot(&elsewhere, 0, vec![entity(&account, AWS_VPC, "vpc-9", json!({}))]))
        .await;

    fixture.store.close_region(&lease, &region(), "the region was disabled").await.unwrap();

    assert_eq!(fixture.keys().await, ["vpc-9"]);
    let status: String = fixture.value("SELECT status FROM orgraph.coverage WHERE region <> 'global'").await;
    assert_eq!(status, "region_disabled");
    let mut back = found(&account, 0, &[("i-1", "running")]);
    back.started_at = at(0).max(fixture.now().await);
    assert_eq!(fixture.reconcile(&lease, back).await.created.entities, 1);
}
