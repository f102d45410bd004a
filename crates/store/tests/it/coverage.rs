use orgraph_model::Status;
use orgraph_model::vocabulary::AWS_INSTANCE;
use orgraph_plan::{AccountState, Sighting};
use orgraph_store::{Origin, Sighted};
use serde_json::json;

use crate::fixture::{Fixture, account, at, ended, entity, partition, snapshot};

#[tokio::test]
async fn coverage_tells_how_every_partition_ended() {
    let fixture = Fixture::new().await;
    let account = account(1);
    let lease = fixture.lease(&account).await;
    let names = ["a", "b", "c"].map(|it| partition(&account, it));

    fixture.store.announce_partitions(&lease, &names).await.unwrap();
    let never = fixture.store.partitions(&account).await.unwrap();
    assert_eq!(never.iter().map(|it| (it.status, it.last_attempt_at)).collect::<Vec<_>>(), [(None, None); 3]);
    assert_eq!(fixture.column("SELECT DISTINCT status FROM orgraph.coverage").await, ["never"]);

    let entities = vec![entity(&account, AWS_INSTANCE, "i-1", json!({}))];
    fixture.reconcile(&lease, snapshot(&names[0], 0, entities)).await;
    for seconds in 0..2 {
        fixture.reconcile(&lease, ended(&names[1], seconds, Status::DeniedScp)).await;
    }
    fixture.store.announce_partitions(&lease, &names).await.unwrap();

    let states = fixture.store.coverage().await.unwrap();
    assert_eq!(states[0].status, Some(Status::Complete));
    assert_eq!((states[0].entities, states[0].failures), (1, 0));
    assert!(states[0].last_complete_at.is_some());
    assert_eq!((states[1].status, states[1].failures), (Some(Status::DeniedScp), 2));
    assert_eq!((states[1].reason.as_deref(), states[1].last_complete_at), (Some("because"), None));
    assert_eq!(states[2].status, None);
    let (calls, duration): (i64, i64) =
        fixture.rows("SELECT calls, duration_ms FROM orgraph.coverage WHERE collector = 'a'").await.remove(0);
    assert_eq!((calls, duration), (3, 17));
    let seen: bool = fixture
        .value("SELECT e.last_seen = c.last_complete_at FROM orgraph.entity AS e, orgraph.coverage AS c WHERE c.collector = 'a'")
        .await;
    assert!(seen, "a row was last seen when its partition was");
}

#[tokio::test]
async fn health_counts_what_there_is() {
    let fixture = Fixture::new().await;
    let sighted = Sighted {
        account: account(1),
        name: None,
        email: None,
        org_arn: None,
        org_status: None,
        management: true,
        sighting: Sighting::Wanted,
        reason: None,
        first_due_at: Some(at(0)),
    };
    fixture.store.upsert_accounts(Origin::Configuration, &[sighted], at(0), None).await.unwrap();
    let waiting = fixture.store.health().await.unwrap();
    assert!(waiting.oldest_due_at.is_some());
    let lease = fixture.lease(&account(1)).await;
    let ec2 = partition(&account(1), "ec2");
    fixture
        .reconcile(&lease, snapshot(&ec2, 0, vec![entity(&account(1), AWS_INSTANCE, "i-1", json!({}))]))
        .await;
    fixture.reconcile(&lease, snapshot(&ec2, 1, vec![])).await;
    fixture.reconcile(&lease, ended(&partition(&account(1), "iam"), 0, Status::Failed)).await;

    let health = fixture.store.health().await.unwrap();

    assert_eq!(health.partitions, [(Some(Status::Partial), 1), (Some(Status::Failed), 1)].into());
    assert_eq!(health.accounts, [(AccountState::Pending, 1)].into());
    assert_eq!((health.entities, health.relationships, health.held), (1, 0, 1));
    assert_eq!(health.oldest_due_at, None, "its run is under way");
}
