use orgraph_model::vocabulary::{AWS_INSTANCE, AWS_VPC};
use orgraph_model::{AccountId, Entity, Snapshot, Status, Verb};
use serde_json::json;

use crate::fixture::{Fixture, account, entity, partition, relationship, snapshot};

fn found(account: &AccountId, seconds: i64, range: std::ops::Range<u32>) -> Snapshot {
    let entities: Vec<Entity> =
        range.clone().map(|it| entity(account, AWS_INSTANCE, &format!("i-{it:03}"), json!({}))).collect();
    let mut found = snapshot(&partition(account, "ec2"), seconds, entities);
    found.relationships = range
        .map(|it| relationship((AWS_VPC, "vpc-1"), Verb::Has, (AWS_INSTANCE, &format!("i-{it:03}"))))
        .collect();
    found
}

#[tokio::test]
async fn an_emptied_partition_waits_for_a_second_listing() {
    let fixture = Fixture::new().await;
    let account = account(1);
    let lease = fixture.lease(&account).await;
    fixture.reconcile(&lease, found(&account, 0, 0..3)).await;

    let first = fixture.reconcile(&lease, found(&account, 10, 0..0)).await;

    let held = first.held.unwrap();
    assert_eq!((held.rows.entities, held.rows.relationships), (3, 3));
    assert_eq!(held.confirm_at, crate::fixture::at(70));
    assert_eq!((first.status, first.removed.entities), (Status::Partial, 0));
    let (status, entities, held): (String, i64, i64) = fixture
        .rows("SELECT status, entities, held_entities FROM orgraph.coverage WHERE held_since IS NOT NULL")
        .await
        .remove(0);
    assert_eq!((status.as_str(), entities, held), ("partial", 3, 3));

    let early = fixture.reconcile(&lease, found(&account, 69, 0..0)).await;
    assert_eq!((early.removed.entities, early.held.unwrap().confirm_at), (0, crate::fixture::at(70)));

    let second = fixture.reconcile(&lease, found(&account, 70, 0..0)).await;
    assert_eq!((second.removed.entities, second.removed.relationships, second.held), (3, 3, None));
    assert_eq!(second.status, Status::Complete);
    assert!(fixture.keys().await.is_empty());
    assert_eq!(fixture.value::<i64>("SELECT count(*) FROM orgraph_internal.hold").await, 0);
}

#[tokio::test]
async fn a_held_listing_still_adds_and_changes() {
    let fixture = Fixture::new().await;
    let account = account(1);
    let lease = fixture.lease(&account).await;
    fixture.reconcile(&lease, found(&account, 0, 0..30)).await;

    let mut shrunk = found(&account, 1, 20..31);
    shrunk.entities[0].properties.insert("state".to_owned(), json!("stopped"));
    let applied = fixture.reconcile(&lease, shrunk).await;

    assert_eq!((applied.created.entities, applied.changed.entities, applied.removed.entities), (1, 1, 0));
    assert_eq!(applied.held.unwrap().rows.entities, 20);
    assert_eq!(fixture.keys().await.len(), 31);
}

#[tokio::test]
async fn only_what_both_listings_miss_goes() {
    let fixture = Fixture::new().await;
    let account = account(1);
    let lease = fixture.lease(&account).await;
    fixture.reconcile(&lease, found(&account, 0, 0..30)).await;
    fixture.reconcile(&lease, found(&account, 1, 15..30)).await;

    let applied = fixture.reconcile(&lease, found(&account, 100, 10..30)).await;

    assert_eq!(applied.removed.entities, 10);
    assert_eq!(fixture.keys().await.first().unwrap(), "i-010");
}

#[tokio::test]
async fn a_partition_that_comes_back_forgets_the_hold() {
    let fixture = Fixture::new().await;
    let account = account(1);
    let lease = fixture.lease(&account).await;
    fixture.reconcile(&lease, found(&account, 0, 0..3)).await;
    fixture.reconcile(&lease, found(&account, 1, 0..0)).await;

    let back = fixture.reconcile(&lease, found(&account, 100, 0..3)).await;
    assert_eq!((back.status, back.held), (Status::Complete, None));

    let again = fixture.reconcile(&lease, found(&account, 200, 0..0)).await;
    assert_eq!((again.removed.entities, again.held.unwrap().rows.entities), (0, 3));
}

#[tokio::test]
async fn a_small_loss_goes_at_once() {
    let fixture = Fixture::new().await;
    let account = account(1);
    let lease = fixture.lease(&account).await;
    fixture.reconcile(&lease, found(&account, 0, 0..30)).await;

    let applied = fixture.reconcile(&lease, found(&account, 1, 9..30)).await;

    assert_eq!((applied.removed.entities, applied.held), (9, None));
}
