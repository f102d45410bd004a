use orgraph_model::vocabulary::{AWS_EBS_VOLUME, AWS_INSTANCE, AWS_SUBNET};
use orgraph_model::{AccountId, Properties, Reference, Region, Status, Verb};
use orgraph_store::{MemoryLimits, Store};
use serde_json::json;

use crate::fixture::{Fixture, account, at, ended, entity, partition, snapshot};

fn reference(from: &str, property: &str, value: &str) -> Reference {
    Reference {
        from: AWS_INSTANCE.at(from),
        verb: Verb::Uses,
        to_type: AWS_EBS_VOLUME,
        property: property.to_owned(),
        value: value.to_owned(),
        reversed: false,
        any_region: false,
        properties: Properties::new(),
    }
}

async fn edges(fixture: &Fixture) -> Vec<String> {
    fixture.column("SELECT _key FROM orgraph.relationship ORDER BY _key").await
}

/// Volumes in two regions: one found by a text, one by an element of a list, one by its name.
async fn load(fixture: &Fixture, account: &AccountId) {
    let lease = fixture.lease(account).await;
    let mut volumes = vec![
        entity(account, AWS_EBS_VOLUME, "vol-1", json!({"volumeId": "v1"})),
        entity(
            account,
            AWS_EBS_VOLUME,
            "vol-2",
            json!({"aliases": ["x", "v1", "v2"], "size": 7, "zone": "a"}),
        ),
        entity(account, AWS_EBS_VOLUME, "vol-3", json!({"volumeId": "v1"})),
        entity(account, AWS_SUBNET, "subnet-1", json!({"volumeId": "v1"})),
    ];
    volumes[2].region = "us-east-1".parse().unwrap();
    fixture.reconcile(&lease, snapshot(&partition(account, "volumes"), 0, volumes)).await;
    let mut instances =
        snapshot(&partition(account, "instances"), 0, vec![entity(account, AWS_INSTANCE, "i-1", json!({}))]);
    instances.references = vec![
        reference("i-1", "volumeId", "v1"),
        Reference { any_region: true, reversed: true, ..reference("i-1", "volumeId", "v1") },
        reference("i-1", "aliases", "v2"),
        reference("i-1", "size", "7"),
        reference("i-1", "volumeId", "nowhere"),
    ];
    fixture.reconcile(&lease, instances).await;
    fixture.store.release_lease(&lease).await.unwrap();
}

#[tokio::test]
async fn references_are_found_by_value_within_account_and_region() {
    let fixture = Fixture::new().await;
    load(&fixture, &account(2)).await;
    load_other(&fixture).await;
    let lease = fixture.lease(&account(2)).await;

    let found = fixture.store.resolve_references(&lease, &MemoryLimits::default()).await.unwrap();
    assert_eq!(found.outcome.status, Status::Complete);
    assert_eq!(found.partition.collector, Store::REFERENCES);
    fixture.reconcile(&lease, found).await;

    let expected = ["i-1|USES|vol-1", "i-1|USES|vol-2", "vol-1|USES|i-1", "vol-3|USES|i-1"];
    assert_eq!(edges(&fixture).await, expected);
    let again = fixture.store.resolve_references(&lease, &MemoryLimits::default()).await.unwrap();
    assert!(fixture.reconcile(&lease, again).await.unchanged);
}

/// The same values in another account.
async fn load_other(fixture: &Fixture) {
    let other = account(1);
    let lease = fixture.lease(&other).await;
    let volume = entity(&other, AWS_EBS_VOLUME, "other", json!({"volumeId": "v1", "aliases": ["v2"]}));
    fixture.reconcile(&lease, snapshot(&partition(&other, "volumes"), 0, vec![volume])).await;
}

#[tokio::test]
async fn a_reference_by_two_properties_needs_both() {
    let check = async |property: &str, value: &str, also: (&str, &str), expected: &[&str]| {
        let fixture = Fixture::new().await;
        let account = account(2);
        load(&fixture, &account).await;
        let lease = fixture.lease(&account).await;
        let mut by_two = reference("i-1", property, value);
        by_two.and(also.0, also.1);
        let instance = entity(&account, AWS_INSTANCE, "i-1", json!({}));
        let mut instances = snapshot(&partition(&account, "instances"), 1, vec![instance]);
        instances.references = vec![by_two];
        fixture.reconcile(&lease, instances).await;

        let found = fixture.store.resolve_references(&lease, &MemoryLimits::default()).await.unwrap();

        let keys: Vec<&str> = found.relationships.iter().map(|it| it.to.key.as_str()).collect();
        assert_eq!(keys, expected, "{property} {value} {also:?}");
    };

    check("size", "7", ("zone", "a"), &["vol-2"]).await;
    check("zone", "a", ("size", "7"), &["vol-2"]).await;
    check("size", "7", ("zone", "b"), &[]).await;
    check("size", "7", ("volumeId", "v1"), &[]).await;
}

#[tokio::test]
async fn what_is_listed_for_the_whole_account_refers_to_its_own_region() {
    let fixture = Fixture::new().await;
    let account = account(2);
    load(&fixture, &account).await;
    let lease = fixture.lease(&account).await;
    let mut instance = entity(&account, AWS_INSTANCE, "everywhere", json!({}));
    instance.region = "us-east-1".parse().unwrap();
    let mut partition = partition(&account, "global");
    partition.region = Region::global();
    let mut global = snapshot(&partition, 0, vec![instance]);
    global.references = vec![reference("everywhere", "volumeId", "v1")];
    fixture.reconcile(&lease, global).await;

    let found = fixture.store.resolve_references(&lease, &MemoryLimits::default()).await.unwrap();
    fixture.reconcile(&lease, found).await;

    let edges = edges(&fixture).await;
    let of_global: Vec<&String> = edges.iter().filter(|it| it.starts_with("everywhere")).collect();
    assert_eq!(of_global, ["everywhere|USES|vol-3"]);
}

#[tokio::test]
async fn a_relationship_ends_with_what_it_was_found_by_and_not_with_trouble() {
    let fixture = Fixture::new().await;
    let account = account(2);
    load(&fixture, &account).await;
    let lease = fixture.lease(&account).await;
    let resolve = async || {
        let found = fixture.store.resolve_references(&lease, &MemoryLimits::default()).await.unwrap();
        let status = found.outcome.status;
        fixture.reconcile(&lease, found).await;
        status
    };
    resolve().await;

    fixture.reconcile(&lease, ended(&partition(&account, "volumes"), 1, Status::Throttled)).await;
    assert_eq!(resolve().await, Status::Partial);
    assert_eq!(edges(&fixture).await.len(), 4);

    let kept = vec![
        entity(&account, AWS_EBS_VOLUME, "vol-1", json!({"volumeId": "v1"})),
        entity(&account, AWS_SUBNET, "subnet-1", json!({"volumeId": "v1"})),
    ];
    fixture.reconcile(&lease, snapshot(&partition(&account, "volumes"), 2, kept)).await;
    assert_eq!(resolve().await, Status::Complete);
    assert_eq!(edges(&fixture).await, ["i-1|USES|vol-1", "vol-1|USES|i-1"]);

    let mut without = snapshot(
        &partition(&account, "instances"),
        0,
        vec![entity(&account, AWS_INSTANCE, "i-1", json!({}))],
    );
    without.started_at = at(3);
    fixture.reconcile(&lease, without).await;
    let mut found = fixture.store.resolve_references(&lease, &MemoryLimits::default()).await.unwrap();
    assert!(found.relationships.is_empty());
    let first = fixture.reconcile(&lease, found.clone()).await;
    assert_eq!(first.held.unwrap().rows.relationships, 2, "an emptied partition waits, derived or not");
    found.started_at = fixture.now().await;
    let patient = orgraph_store::GuardSettings { confirm_after: chrono::TimeDelta::zero(), ..fixture.guard };
    fixture.store.reconcile(&lease, &found, &patient).await.unwrap();
    assert!(edges(&fixture).await.is_empty());
}

#[tokio::test]
async fn what_is_found_for_many_references_is_set_aside() {
    let fixture = Fixture::new().await;
    let account = account(2);
    load(&fixture, &account).await;
    let lease = fixture.lease(&account).await;
    let few = MemoryLimits { rows: 1, ..MemoryLimits::default() };

    let spilled = fixture.store.resolve_references(&lease, &few).await.unwrap();
    let in_memory = fixture.store.resolve_references(&lease, &MemoryLimits::default()).await.unwrap();

    assert_eq!(spilled.spilled.as_ref().unwrap().marks.relationships.len(), in_memory.relationships.len());
    assert_eq!(fixture.reconcile(&lease, spilled).await.created.relationships, 4);
    assert!(fixture.reconcile(&lease, in_memory).await.unchanged);
}
