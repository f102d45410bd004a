use std::collections::BTreeSet;

use orgraph_model::declare::rel;
use orgraph_model::vocabulary::{AWS_SUBNET, AWS_VPC};
use orgraph_model::{Properties, Verb};
use serde_json::json;

use crate::fixture::{Fixture, account, entity, partition, relationship, snapshot};

#[tokio::test]
async fn relationships_are_found_by_a_property_of_either_end() {
    let fixture = Fixture::new().await;
    let account = account(1);
    let lease = fixture.lease(&account).await;
    let vpc = |id: &str| entity(&account, AWS_VPC, id, json!({"vpcId": id.to_uppercase()}));
    let entities =
        vec![vpc("a"), vpc("b"), vpc("c"), entity(&account, AWS_SUBNET, "s", json!({"vpcId": "A"}))];
    let mut vpcs = snapshot(&partition(&account, "vpcs"), 0, entities);
    let peered = |from: &str, to: &str| relationship((AWS_VPC, from), Verb::Connects, (AWS_VPC, to));
    let mut described = peered("a", "b");
    described.discriminator = "pcx-1".to_owned();
    described.properties = Properties::from_iter([("accepterCidrs".to_owned(), json!(["10.0.0.0/16"]))]);
    vpcs.relationships = vec![
        described.clone(),
        peered("b", "c"),
        // Of another kind, and with an end that is not stored.
        relationship((AWS_VPC, "a"), Verb::Contains, (AWS_SUBNET, "s")),
        peered("nowhere", "a"),
    ];
    fixture.reconcile(&lease, vpcs).await;
    let kind = rel(AWS_VPC, Verb::Connects, AWS_VPC);
    let found = async |values: &[&str]| {
        let values: BTreeSet<String> = values.iter().map(|it| (*it).to_owned()).collect();
        fixture.store.find_relationships(kind, "vpcId", &values).await.unwrap()
    };

    assert_eq!(found(&["a"]).await, [described.clone(), peered("nowhere", "a")]);
    assert_eq!(found(&["c"]).await, [peered("b", "c")]);
    // One that is found from both ends is one.
    assert_eq!(found(&["a", "b"]).await, [described, peered("b", "c"), peered("nowhere", "a")]);
    assert_eq!(found(&["x"]).await, []);
    assert_eq!(found(&[]).await, []);
}
