//! At which ends of relationships an entity may be missing.

use std::collections::BTreeSet;

use orgraph_model::vocabulary::{AWS_EC2, AWS_INSTANCE, AWS_SUBNET, AWS_VPC};
use orgraph_model::{Entity, EntityType, GapKind, Relationship, Snapshot, Source, Verb};
use orgraph_store::Lease;
use serde_json::json;
use sqlx::AssertSqlSafe;

use crate::fixture::{Fixture, account, entity, gap, partition, relationship, snapshot, with_gaps};

/// What is noted are at most these ends, by kind and whether it is where the relationship begins; all others have an
/// entity of their type.
pub(crate) async fn check_loose(fixture: &Fixture, expected: &[(&str, bool)]) {
    let noted: Vec<(String, bool)> = fixture
        .rows(
            "SELECT DISTINCT k._type, l.is_from FROM orgraph.loose_end AS l JOIN orgraph.relationship_type AS k USING (rel_type)",
        )
        .await;
    let expected: BTreeSet<(String, bool)> = expected.iter().map(|it| (it.0.to_owned(), it.1)).collect();
    let noted: BTreeSet<(String, bool)> = noted.into_iter().collect();
    assert!(noted.is_subset(&expected), "{noted:?} may only be {expected:?}");

    let loose: Vec<(String, bool)> = fixture
        .rows(
            "SELECT DISTINCT k._type, false FROM orgraph.step_forward AS s JOIN orgraph.relationship_type AS k USING (rel_type)
             WHERE NOT EXISTS (SELECT FROM orgraph.entity AS e WHERE e._id = s.far_id AND e._type = k.to_type)
             UNION ALL
             SELECT DISTINCT k._type, true FROM orgraph.step_forward AS s JOIN orgraph.relationship_type AS k USING (rel_type)
             WHERE NOT EXISTS (SELECT FROM orgraph.entity AS e WHERE e._id = s.near_id AND e._type = k.from_type)",
        )
        .await;
    let loose: BTreeSet<(String, bool)> = loose.into_iter().collect();
    assert!(loose.is_subset(&noted), "{loose:?} are loose, and noted are {noted:?}");
}

/// The same, and all of these are noted.
async fn assert_loose(fixture: &Fixture, expected: &[(&str, bool)]) {
    check_loose(fixture, expected).await;
    let noted: i64 =
        fixture.value("SELECT count(DISTINCT (l.rel_type, l.is_from)) FROM orgraph.loose_end AS l").await;
    assert_eq!(noted, i64::try_from(expected.len()).unwrap(), "of {expected:?}");
}

fn one(entity_type: EntityType, key: &str) -> Entity {
    entity(&account(1), entity_type, key, json!({}))
}

fn network(seconds: i64, subnets: u32) -> Snapshot {
    let keys: Vec<String> = (0..subnets).map(|it| format!("subnet-{it:02}")).collect();
    let mut found = snapshot(&partition(&account(1), "vpc"), seconds, vec![one(AWS_VPC, "vpc-1")]);
    found.entities.extend(keys.iter().map(|it| one(AWS_SUBNET, it)));
    let contains = |key: &String| relationship((AWS_VPC, "vpc-1"), Verb::Contains, (AWS_SUBNET, key));
    found.relationships.extend(keys.iter().map(contains));
    found
}

/// Where three subnets are stored.
async fn with_network() -> (Fixture, Lease) {
    let fixture = Fixture::new().await;
    let lease = fixture.lease(&account(1)).await;
    fixture.reconcile(&lease, network(0, 3)).await;
    (fixture, lease)
}

fn service_has_vpc() -> Relationship {
    relationship((AWS_EC2, "ec2"), Verb::Has, (AWS_VPC, "vpc-1"))
}

#[tokio::test]
async fn what_a_partition_writes_with_its_own_entities_is_never_loose() {
    // Few rows and many, which are copied.
    for subnets in [2, 40] {
        for fixture in Fixture::both().await {
            let lease = fixture.lease(&account(1)).await;
            fixture.reconcile(&lease, network(0, subnets)).await;
            fixture.reconcile(&lease, network(1, subnets + 1)).await;
            fixture.reconcile(&lease, network(2, subnets)).await;
            assert_loose(&fixture, &[]).await;

            let gone = || snapshot(&partition(&account(1), "vpc"), 3, Vec::new());
            fixture.reconcile(&lease, gone()).await;
            fixture.reconcile(&lease, Snapshot { started_at: fixture.now().await, ..gone() }).await;
            fixture.store.close_account(&lease, "left").await.unwrap();
            assert!(fixture.keys().await.is_empty());
            assert_loose(&fixture, &[]).await;
        }
    }
}

#[tokio::test]
async fn an_end_in_another_partition_is_loose_whether_or_not_it_is_there() {
    for is_there in [true, false] {
        for fixture in Fixture::both().await {
            let lease = fixture.lease(&account(1)).await;
            if is_there {
                fixture
                    .reconcile(&lease, snapshot(&partition(&account(1), "ec2"), 0, vec![one(AWS_EC2, "ec2")]))
                    .await;
            }
            let mut found = network(0, 1);
            found.relationships.push(service_has_vpc());
            fixture.reconcile(&lease, found).await;

            assert_loose(&fixture, &[("aws_ec2_has_vpc", true)]).await;
        }
    }
}

#[tokio::test]
async fn an_end_that_another_partition_owns_is_loose_although_it_was_named() {
    for size in [1, 40] {
        let fixture = Fixture::new().await;
        let lease = fixture.lease(&account(1)).await;
        let owner = partition(&account(1), "vpc-of-others");
        fixture.reconcile(&lease, snapshot(&owner, 0, vec![one(AWS_VPC, "vpc-1")])).await;

        let applied = fixture.reconcile(&lease, network(0, size)).await;

        assert_eq!(applied.skipped_foreign, 1);
        assert_loose(&fixture, &[("aws_vpc_contains_subnet", true)]).await;
    }
}

#[tokio::test]
async fn an_end_is_loose_from_when_its_entity_goes_and_the_relationship_stays() {
    let (fixture, lease) = with_network().await;

    let mut found = network(1, 3);
    found.entities.retain(|it| it.key.as_str() != "subnet-01");
    fixture.reconcile(&lease, found).await;

    assert!(!fixture.keys().await.contains(&"subnet-01".to_owned()));
    assert_loose(&fixture, &[("aws_vpc_contains_subnet", false)]).await;
}

#[tokio::test]
async fn an_end_is_loose_from_when_its_entity_belongs_to_nobody_alone() {
    let (fixture, lease) = with_network().await;

    let mut found = network(1, 3);
    found.entities[0].source = Source::SystemMapper;
    fixture.reconcile(&lease, found).await;

    let owner: Option<i32> =
        fixture.value("SELECT partition_id FROM orgraph_internal.entity WHERE key = 'vpc-1'").await;
    assert_eq!(owner, None);
    assert_loose(&fixture, &[("aws_vpc_contains_subnet", true)]).await;
}

#[tokio::test]
async fn an_end_is_loose_from_when_its_entity_is_of_another_type() {
    let (fixture, lease) = with_network().await;

    let mut found = network(1, 3);
    found.entities[1] = one(AWS_INSTANCE, "subnet-00");
    fixture.reconcile(&lease, found).await;

    assert_loose(&fixture, &[("aws_vpc_contains_subnet", false)]).await;
}

#[tokio::test]
async fn what_could_not_be_listed_loosens_nothing() {
    let (fixture, lease) = with_network().await;

    let unlisted = || vec![gap(GapKind::Listing, None, &[])];
    fixture.reconcile(&lease, with_gaps(network(1, 1), unlisted())).await;
    let mut found = network(2, 2);
    found.entities.retain(|it| it.key.as_str() != "subnet-01");
    fixture.reconcile(&lease, with_gaps(found, unlisted())).await;

    assert_eq!(fixture.keys().await.len(), 4);
    assert_loose(&fixture, &[]).await;
}

/// Also by a daemon of the release before, or by hand.
#[tokio::test]
async fn what_counts_is_how_a_transaction_ends() {
    for (also, expected) in [
        ("DELETE FROM orgraph_internal.relationship WHERE to_key = 'subnet-01'", &[][..]),
        ("SELECT", &[("aws_vpc_contains_subnet", false)][..]),
    ] {
        let (fixture, _lease) = with_network().await;

        let script = format!(
            "BEGIN; SET ROLE orgraph_writer; SET LOCAL orgraph.ts = '2100-01-01';
             SELECT set_config('orgraph.partition_id', p.partition_id::text, true) FROM orgraph_internal.partition AS p;
             DELETE FROM orgraph_internal.entity WHERE key = 'subnet-01';
             {also};
             COMMIT; RESET ROLE"
        );
        sqlx::raw_sql(AssertSqlSafe(script)).execute(&fixture.db.pool()).await.unwrap();

        assert_loose(&fixture, expected).await;
    }
}
