use orgraph_model::vocabulary::{AWS_ACCOUNT, AWS_IAM_ROLE};
use orgraph_model::{AccountId, Entity, Source, Status};
use serde_json::{Value, json};

use crate::fixture::{Fixture, account, ended, entity, partition, snapshot};

const KEY: &str = "arn:aws:iam::000000000002:root";

fn member(name: Option<&str>, properties: Value) -> Entity {
    Entity {
        name: name.map(str::to_owned),
        display_name: None,
        ..entity(&account(2), AWS_ACCOUNT, KEY, properties)
    }
}

fn placeholder(key: &str, by: &AccountId) -> Entity {
    Entity { source: Source::SystemMapper, ..entity(by, AWS_IAM_ROLE, key, json!({"placeholder": true})) }
}

async fn stored(fixture: &Fixture) -> Vec<(Option<String>, Value, String)> {
    fixture.rows("SELECT name, properties, _source FROM orgraph.entity ORDER BY _key").await
}

#[tokio::test]
async fn two_sources_describe_one_account_and_neither_deletes_what_the_other_said() {
    for fixture in Fixture::both().await {
        let (management, own) = (account(1), account(2));
        let (management_lease, own_lease) = (fixture.lease(&management).await, fixture.lease(&own).await);
        let organizations = partition(&management, "organizations");
        let account_itself = partition(&own, "account");
        let by_organization = || member(Some("Org name"), json!({"email": "e", "active": true}));
        let by_account = || member(Some("alias"), json!({"mfaEnabled": true}));

        fixture.reconcile(&management_lease, snapshot(&organizations, 0, vec![by_organization()])).await;
        fixture.reconcile(&own_lease, snapshot(&account_itself, 0, vec![by_account()])).await;
        let both = json!({"email": "e", "active": true, "mfaEnabled": true});
        assert_eq!(
            stored(&fixture).await,
            [(Some("alias".to_owned()), both.clone(), "integration-managed".to_owned())]
        );

        assert!(
            fixture
                .reconcile(&management_lease, snapshot(&organizations, 1, vec![by_organization()]))
                .await
                .unchanged
        );
        fixture.reconcile(&own_lease, ended(&account_itself, 1, Status::DeniedIam)).await;
        assert_eq!(stored(&fixture).await[0].1, both);

        fixture.reconcile(&own_lease, snapshot(&account_itself, 2, vec![])).await;
        fixture.reconcile(&own_lease, snapshot(&account_itself, 62, vec![])).await;
        let left = json!({"email": "e", "active": true});
        assert_eq!(
            stored(&fixture).await,
            [(Some("Org name".to_owned()), left, "integration-managed".to_owned())]
        );

        fixture.reconcile(&management_lease, snapshot(&organizations, 63, vec![])).await;
        fixture.reconcile(&management_lease, snapshot(&organizations, 123, vec![])).await;
        assert!(stored(&fixture).await.is_empty());
        let seen: bool = fixture
            .value("SELECT bool_and(valid_from < valid_to) FROM orgraph_internal.entity_history")
            .await;
        assert!(seen, "no version ends before it began");
    }
}

#[tokio::test]
async fn the_order_of_sources_does_not_matter() {
    let mut results = Vec::new();
    for own_first in [true, false] {
        let fixture = Fixture::new().await;
        let leases = [fixture.lease(&account(1)).await, fixture.lease(&account(2)).await];
        let mut syncs = vec![
            (
                &leases[0],
                snapshot(
                    &partition(&account(1), "organizations"),
                    0,
                    vec![member(Some("o"), json!({"a": 1, "b": 1}))],
                ),
            ),
            (
                &leases[1],
                snapshot(&partition(&account(2), "account"), 0, vec![member(None, json!({"b": 2}))]),
            ),
        ];
        if own_first {
            syncs.reverse();
        }
        for (lease, found) in syncs {
            fixture.reconcile(lease, found).await;
        }
        let hash: uuid::Uuid = fixture.value("SELECT content_hash FROM orgraph_internal.entity").await;
        results.push((stored(&fixture).await, hash));
    }

    assert_eq!(results[0], results[1]);
    assert_eq!(results[0].0[0].1, json!({"a": 1, "b": 2}));
}

#[tokio::test]
async fn a_placeholder_yields_to_the_owner_and_comes_back() {
    for size in [1, 30] {
        let fixture = Fixture::new().await;
        let (namer, owner) = (account(1), account(2));
        let (namer_lease, owner_lease) = (fixture.lease(&namer).await, fixture.lease(&owner).await);
        let (trusts, iam) = (partition(&namer, "iam"), partition(&owner, "iam"));
        let roles = |count: u32| {
            (0..count)
                .map(|it| entity(&owner, AWS_IAM_ROLE, &format!("role-{it:02}"), json!({"real": true})))
                .collect::<Vec<_>>()
        };
        let source = "SELECT _source FROM orgraph.entity WHERE _key = 'role-00'";

        fixture.reconcile(&namer_lease, snapshot(&trusts, 0, vec![placeholder("role-00", &owner)])).await;
        assert_eq!(fixture.value::<String>(source).await, "system-mapper");
        let first_seen: chrono::DateTime<chrono::Utc> =
            fixture.value("SELECT first_seen FROM orgraph.entity").await;

        let taken = fixture.reconcile(&owner_lease, snapshot(&iam, 0, roles(size))).await;
        assert_eq!((taken.skipped_foreign, taken.created.entities), (0, u64::from(size)));
        assert_eq!(fixture.value::<String>(source).await, "integration-managed");
        assert!(
            fixture
                .reconcile(&namer_lease, snapshot(&trusts, 1, vec![placeholder("role-00", &owner)]))
                .await
                .unchanged
        );
        let mut again = placeholder("role-00", &owner);
        again.properties.insert("more".to_owned(), json!(1));
        fixture.reconcile(&namer_lease, snapshot(&trusts, 2, vec![again])).await;
        assert_eq!(fixture.value::<String>(source).await, "integration-managed");

        fixture.reconcile(&owner_lease, snapshot(&iam, 3, vec![])).await;
        fixture.reconcile(&owner_lease, snapshot(&iam, 63, vec![])).await;
        let (placeholder, properties, since): (String, Value, chrono::DateTime<chrono::Utc>) =
            fixture.rows("SELECT _source, properties, first_seen FROM orgraph.entity").await.remove(0);
        assert_eq!((placeholder.as_str(), since), ("system-mapper", first_seen));
        assert_eq!(properties, json!({"placeholder": true, "more": 1}));
        assert_eq!(fixture.keys().await.len(), 1);

        fixture.reconcile(&namer_lease, snapshot(&trusts, 64, vec![])).await;
        fixture.reconcile(&namer_lease, snapshot(&trusts, 124, vec![])).await;
        assert!(fixture.keys().await.is_empty());
    }
}

#[tokio::test]
async fn a_partition_can_turn_its_own_row_into_a_placeholder_and_back() {
    for fixture in Fixture::both().await {
        let account = account(1);
        let lease = fixture.lease(&account).await;
        let iam = partition(&account, "iam");
        let real = || entity(&account, AWS_IAM_ROLE, "role", json!({"real": true}));
        let source = "SELECT _source FROM orgraph.entity";
        for (seconds, row, expected) in [
            (0, real(), "integration-managed"),
            (1, placeholder("role", &account), "system-mapper"),
            (2, real(), "integration-managed"),
        ] {
            let applied = fixture.reconcile(&lease, snapshot(&iam, seconds, vec![row.clone()])).await;

            assert_eq!((applied.removed.entities, applied.skipped_foreign), (0, 0));
            assert_eq!(fixture.value::<String>(source).await, expected);
            assert!(fixture.reconcile(&lease, snapshot(&iam, seconds, vec![row])).await.unchanged);
        }
        assert_eq!(fixture.value::<i64>("SELECT count(*) FROM orgraph_internal.contribution").await, 0);
    }
}

#[tokio::test]
async fn many_partitions_meet_at_the_same_placeholders_without_getting_stuck() {
    let fixture = Fixture::new().await;
    let mut syncs = Vec::new();
    for number in 1..=6 {
        let namer = account(number);
        let lease = fixture.lease(&namer).await;
        let (store, guard) = (fixture.store.clone(), fixture.guard);
        syncs.push(tokio::spawn(async move {
            for round in 0..5 {
                let mut entities: Vec<Entity> =
                    (0..30).map(|it| placeholder(&format!("role-{it:02}"), &namer)).collect();
                if number == 1 {
                    entities = (0..30)
                        .map(|it| {
                            entity(&namer, AWS_IAM_ROLE, &format!("role-{it:02}"), json!({"round": round}))
                        })
                        .collect();
                }
                if number % 2 == 0 {
                    entities.reverse();
                }
                for entity in &mut entities {
                    entity.properties.insert("round".to_owned(), json!(round));
                }
                store
                    .reconcile(&lease, &snapshot(&partition(&namer, "iam"), round, entities), &guard)
                    .await
                    .unwrap();
            }
        }));
    }
    for sync in syncs {
        sync.await.unwrap();
    }

    let sources = fixture.column("SELECT DISTINCT _source FROM orgraph.entity").await;
    assert_eq!((sources, fixture.keys().await.len()), (vec!["integration-managed".to_owned()], 30));
    let contributions: i64 = fixture.value("SELECT count(*) FROM orgraph_internal.contribution").await;
    assert_eq!(contributions, 150);
}
