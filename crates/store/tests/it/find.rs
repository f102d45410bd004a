use std::collections::BTreeSet;

use orgraph_model::declare::rel;
use orgraph_model::vocabulary::{AWS_SUBNET, AWS_VPC};
use orgraph_model::{GapKind, Properties, Verb};
use serde_json::json;

use crate::fixture::{Fixture, account, entity, gap, partition, relationship, snapshot, with_gaps};

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

#[tokio::test]
async fn of_what_is_selected_only_the_named_properties_are_read() {
    let fixture = Fixture::new().await;
    let (one, other) = (account(1), account(2));
    for account in [&one, &other] {
        let lease = fixture.lease(account).await;
        let key = |name: &str| format!("{account}-{name}");
        let vpc = entity(account, AWS_VPC, &key("vpc"), json!({"vpcId": "a", "CIDR": "10.0.0.0/16"}));
        let mut vpcs = snapshot(&partition(account, "vpcs"), 0, vec![vpc]);
        vpcs.relationships = vec![
            relationship((AWS_VPC, &key("vpc")), Verb::Contains, (AWS_SUBNET, &key("subnet"))),
            relationship((AWS_VPC, &key("vpc")), Verb::Connects, (AWS_VPC, "elsewhere")),
        ];
        let unread = gap(GapKind::Detail, Some(&key("vpc")), &["CIDR"]);
        fixture.reconcile(&lease, with_gaps(vpcs, vec![unread])).await;
    }
    let contains = rel(AWS_VPC, Verb::Contains, AWS_SUBNET);
    let only = BTreeSet::from([other.clone()]);

    let all = fixture.store.select_entities(&[AWS_VPC], None, &["vpcId", "absent"]).await.unwrap();
    let selected = fixture.store.select_entities(&[AWS_VPC], Some(&only), &["vpcId"]).await.unwrap();
    let relationships = fixture.store.select_relationships(&[contains], Some(&only)).await.unwrap();
    let gaps = fixture.store.gaps().await.unwrap();

    assert_eq!(all.len(), 2);
    assert_eq!(selected.iter().map(|it| &it.account).collect::<Vec<_>>(), [&other]);
    assert_eq!(selected[0].properties, Properties::from_iter([("vpcId".to_owned(), json!("a"))]));
    let ends: Vec<_> = relationships.iter().map(|it| (it.verb, it.to.key.as_str().to_owned())).collect();
    assert_eq!(ends, [(Verb::Contains, format!("{other}-subnet"))]);
    assert_eq!(fixture.store.select_relationships(&[contains], None).await.unwrap().len(), 2);
    assert_eq!(gaps.len(), 2);
    assert_eq!(
        (gaps[0].key.as_deref(), gaps[0].properties.as_slice()),
        (Some(format!("{one}-vpc").as_str()), &["CIDR".to_owned()][..])
    );
}
