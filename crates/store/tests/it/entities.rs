use std::collections::BTreeSet;

use orgraph_model::vocabulary::{AWS_EBS_VOLUME, AWS_INSTANCE, PERSON};
use orgraph_model::{Entity, Source};
use serde_json::json;

use crate::fixture::{Fixture, account, entity, partition, snapshot};

fn keys(entities: &[Entity]) -> Vec<&str> {
    entities.iter().map(|it| it.key.as_str()).collect()
}

fn texts(values: &[&str]) -> BTreeSet<String> {
    values.iter().map(|&it| it.to_owned()).collect()
}

/// One instance in each of two accounts, a volume, and a person.
async fn load(fixture: &Fixture) {
    for number in [1, 2] {
        let account = account(number);
        let lease = fixture.lease(&account).await;
        let address = format!("203.0.113.{number}");
        let mut rows = vec![entity(
            &account,
            AWS_INSTANCE,
            &format!("i-{number}"),
            json!({"publicIpAddress": address, "hostname": format!("Web-{number}.Example.com"), "size": 7}),
        )];
        if number == 1 {
            rows.push(entity(&account, AWS_EBS_VOLUME, "vol-1", json!({"hostname": "web-1.example.com"})));
            rows.push(entity(
                &account,
                PERSON,
                "person:ann",
                json!({"email": ["Ann@example.com", "al@example.com"]}),
            ));
        }
        fixture.reconcile(&lease, snapshot(&partition(&account, "all"), 0, rows)).await;
    }
}

#[tokio::test]
async fn entities_are_found_by_a_property_in_every_account_whatever_the_case() {
    let fixture = Fixture::new().await;
    load(&fixture).await;
    let find = async |entity_type, property, values: Option<&[&str]>| {
        let values = values.map(texts);
        let found = fixture.store.find_entities(entity_type, property, values.as_ref()).await.unwrap();
        keys(&found).join(" ")
    };

    assert_eq!(find(AWS_INSTANCE, "publicIpAddress", Some(&["203.0.113.2", "x"])).await, "i-2");
    assert_eq!(
        find(AWS_INSTANCE, "hostname", Some(&["web-1.example.com", "web-2.example.com"])).await,
        "i-1 i-2"
    );
    assert_eq!(find(AWS_INSTANCE, "hostname", Some(&["web-3.example.com"])).await, "");
    assert_eq!(find(AWS_INSTANCE, "hostname", Some(&[])).await, "");
    assert_eq!(find(AWS_INSTANCE, "hostname", None).await, "i-1 i-2");
    assert_eq!(find(PERSON, "email", Some(&["al@example.com"])).await, "person:ann");
    assert_eq!(find(PERSON, "email", Some(&["ann@example.com"])).await, "person:ann");
}

#[tokio::test]
async fn the_entities_of_an_account_are_read_whole_or_by_name() {
    let fixture = Fixture::new().await;
    load(&fixture).await;

    let whole = fixture.store.entities_of(&account(1), &[AWS_INSTANCE, AWS_EBS_VOLUME]).await.unwrap();
    let named = fixture.store.names_of(&account(1), &[AWS_INSTANCE]).await.unwrap();
    let by_key = fixture.store.entities_with_keys(&texts(&["i-2", "person:ann", "nobody"])).await.unwrap();

    assert_eq!(keys(&whole), ["i-1", "vol-1"]);
    assert_eq!(whole[0].source, Source::Integration);
    assert_eq!(whole[0].properties["publicIpAddress"], json!("203.0.113.1"));
    assert_eq!(keys(&named), ["i-1"]);
    assert!(named[0].properties.is_empty());
    assert_eq!(keys(&by_key), ["i-2", "person:ann"]);
}

#[tokio::test]
async fn what_the_operator_lists_says_so() {
    let fixture = Fixture::new().await;
    load(&fixture).await;

    let sources = fixture
        .column("SELECT _key || ' ' || _source FROM orgraph.entity_at(now()) WHERE _type <> 'aws_ebs_volume' ORDER BY 1")
        .await;

    assert_eq!(
        sources,
        ["i-1 integration-managed", "i-2 integration-managed", "person:ann api"].map(str::to_owned)
    );
}
