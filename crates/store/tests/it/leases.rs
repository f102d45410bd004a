use chrono::TimeDelta;
use orgraph_model::vocabulary::AWS_INSTANCE;
use orgraph_store::{Lease, StoreError};
use orgraph_testkit::eventually;
use serde_json::json;
use uuid::Uuid;

use crate::fixture::{Fixture, account, entity, partition, snapshot};

#[tokio::test]
async fn an_account_has_one_holder_at_a_time() {
    let fixture = Fixture::new().await;
    let (account, minute) = (account(1), TimeDelta::minutes(1));

    let first = fixture.store.claim_lease(&account, "a", minute).await.unwrap().unwrap();
    assert_eq!(fixture.store.claim_lease(&account, "b", minute).await.unwrap(), None);
    let renewed = fixture.store.renew_lease(&first, TimeDelta::minutes(2)).await.unwrap();
    assert!(renewed.expires_at > first.expires_at);

    fixture.store.release_lease(&first).await.unwrap();
    let second = fixture.store.claim_lease(&account, "b", minute).await.unwrap().unwrap();
    assert_eq!((first.epoch, second.epoch), (1, 2));
    assert!(matches!(fixture.store.renew_lease(&first, minute).await, Err(StoreError::LeaseLost { .. })));
    fixture.store.release_lease(&first).await.unwrap();
    assert_eq!(
        fixture.store.claim_lease(&account, "c", minute).await.unwrap(),
        None,
        "the second one holds it"
    );
}

#[tokio::test]
async fn one_of_many_claims_at_once_wins() {
    let fixture = Fixture::new().await;
    let claims: Vec<_> = (0..10)
        .map(|number| {
            let store = fixture.store.clone();
            tokio::spawn(async move {
                store
                    .claim_lease(&account(1), &format!("daemon {number}"), TimeDelta::minutes(1))
                    .await
                    .unwrap()
            })
        })
        .collect();

    let mut granted = 0;
    for claim in claims {
        granted += u32::from(claim.await.unwrap().is_some());
    }

    assert_eq!(granted, 1);
}

#[tokio::test]
async fn a_worker_with_a_stale_epoch_or_token_cannot_write() {
    let fixture = Fixture::new().await;
    let account = account(1);
    let partition = partition(&account, "ec2");
    let stale = fixture.store.claim_lease(&account, "a", TimeDelta::zero()).await.unwrap().unwrap();
    let good = fixture.lease(&account).await;
    let forged = [
        stale,
        Lease { token: Uuid::new_v4(), ..good.clone() },
        Lease { epoch: good.epoch + 1, ..good.clone() },
    ];
    for lease in forged {
        let found = snapshot(&partition, 0, vec![entity(&account, AWS_INSTANCE, "i-1", json!({}))]);

        let error = fixture.try_reconcile(&lease, found).await.unwrap_err();

        assert!(matches!(error, StoreError::LeaseLost { .. }), "{error}");
    }

    assert!(fixture.keys().await.is_empty());
    assert_eq!(fixture.value::<i64>("SELECT count(*) FROM orgraph_internal.partition").await, 0);
}

#[tokio::test]
async fn a_lease_that_ran_out_still_writes_until_somebody_claims_it() {
    let fixture = Fixture::new().await;
    let account = account(1);
    let partition = partition(&account, "ec2");
    let lease = fixture.store.claim_lease(&account, "a", TimeDelta::zero()).await.unwrap().unwrap();

    fixture.reconcile(&lease, snapshot(&partition, 0, Vec::new())).await;
    fixture.lease(&account).await;

    let error = fixture.try_reconcile(&lease, snapshot(&partition, 1, Vec::new())).await.unwrap_err();
    assert!(matches!(error, StoreError::LeaseLost { .. }), "{error}");
}

/// Whether some statement of the store waits for a lock.
async fn waits(fixture: &Fixture) -> bool {
    fixture
        .value("SELECT EXISTS (SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'orgraph' AND wait_event_type = 'Lock')")
        .await
}

#[tokio::test]
async fn a_claim_waits_for_a_commit_under_way_and_a_renewal_does_not() {
    let fixture = Fixture::new().await;
    let account = account(1);
    let lease = fixture.store.claim_lease(&account, "a", TimeDelta::zero()).await.unwrap().unwrap();
    let mut commit = fixture.db.pool().begin().await.unwrap();
    sqlx::query(include_str!("../../queries/hold_lease.sql"))
        .bind(account.as_str())
        .execute(&mut *commit)
        .await
        .unwrap();

    fixture.store.renew_lease(&lease, TimeDelta::zero()).await.unwrap();
    let store = fixture.store.clone();
    let claimed = account.clone();
    let claim = tokio::spawn(async move { store.claim_lease(&claimed, "b", TimeDelta::minutes(1)).await });
    eventually("the claim waits", async || waits(&fixture).await).await;

    commit.commit().await.unwrap();
    assert_eq!(claim.await.unwrap().unwrap().unwrap().epoch, 2);
}

#[tokio::test]
async fn a_commit_waits_for_a_claim_under_way_and_then_fails() {
    let fixture = Fixture::new().await;
    let account = account(1);
    let stale = fixture.store.claim_lease(&account, "a", TimeDelta::zero()).await.unwrap().unwrap();
    let mut claim = fixture.db.pool().begin().await.unwrap();
    sqlx::query(include_str!("../../queries/lock_lease.sql"))
        .bind(account.as_str())
        .execute(&mut *claim)
        .await
        .unwrap();
    sqlx::query("UPDATE orgraph_internal.account_lease SET epoch = 2, token = gen_random_uuid()")
        .execute(&mut *claim)
        .await
        .unwrap();

    let (store, guard) = (fixture.store.clone(), fixture.guard);
    let found =
        snapshot(&partition(&account, "ec2"), 0, vec![entity(&account, AWS_INSTANCE, "i-1", json!({}))]);
    let sync = tokio::spawn(async move { store.reconcile(&stale, &found, &guard).await });
    eventually("the commit waits", async || waits(&fixture).await).await;

    claim.commit().await.unwrap();
    assert!(matches!(sync.await.unwrap(), Err(StoreError::LeaseLost { .. })));
    assert!(fixture.keys().await.is_empty());
}
