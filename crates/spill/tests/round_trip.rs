//! What is set aside comes back as it was, one row per identity.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeMap;

use orgraph_model::vocabulary::{AWS_ACCOUNT, AWS_INSTANCE, AWS_VPC};
use orgraph_model::{
    Entity, EntityType, Gap, GapKind, Key, Properties, Reference, Region, Relationship, Source, Status, Verb,
};
use orgraph_spill::{MemoryLimits, Spill};
use proptest::prelude::*;
use serde_json::{Value, json};

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(|it| serde_json::Number::from_f64(it).map_or(Value::Null, Value::Number)),
        ".{0,12}".prop_map(Value::from),
        // Longer than what is read at once.
        Just(Value::from("long ".repeat(1000))),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(".{0,4}", inner, 0..4)
                .prop_map(|it| Value::Object(it.into_iter().collect())),
        ]
    })
}

fn properties() -> impl Strategy<Value = Properties> {
    prop::collection::btree_map("[a-z]{0,6}", value(), 0..5).prop_map(|it| it.into_iter().collect())
}

fn entity() -> impl Strategy<Value = Entity> {
    let types = prop::sample::select(vec![AWS_INSTANCE, AWS_VPC, AWS_ACCOUNT]);
    (0..20_u8, types, any::<bool>(), prop::option::of(".{0,6}"), properties(), properties()).prop_map(
        |(key, entity_type, is_placeholder, name, properties, tags)| Entity {
            key: Key::from(format!("key-{key}")),
            entity_type,
            source: if is_placeholder { Source::SystemMapper } else { Source::Integration },
            account: "000000000001".parse().unwrap(),
            region: if is_placeholder { Region::global() } else { "eu-west-1".parse().unwrap() },
            display_name: name.clone(),
            name,
            properties,
            tags,
            volatile: if is_placeholder { &[] } else { &["a", "b"] },
        },
    )
}

fn spill() -> Spill {
    Spill::new(&MemoryLimits::default().folder).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_last_entity_of_each_key_comes_back(entities in prop::collection::vec(entity(), 0..30)) {
        let mut spill = spill();
        for entity in &entities {
            spill.entity(entity).unwrap();
        }

        let spilled = spill.finish().unwrap();

        let last: BTreeMap<_, _> = entities.iter().map(|it| (it.key.id(), it)).collect();
        let marks = spilled.marks.own.iter().chain(&spilled.marks.contributed);
        let found: BTreeMap<_, _> =
            marks.map(|it| (it.id, spilled.rows.entity(it.place).unwrap().into_owned())).collect();
        prop_assert_eq!(spilled.marks.entities(), last.len());
        for (id, entity) in last {
            prop_assert_eq!(&found[&id], entity);
        }
        prop_assert!(spilled.marks.own.is_sorted_by_key(|it| it.id));
        for mark in &spilled.marks.own {
            prop_assert_eq!(mark.hash, spilled.rows.entity(mark.place).unwrap().content_hash());
        }
    }
}

#[test]
fn relationships_references_and_gaps_come_back() {
    let end = |entity_type: EntityType, key: &str| entity_type.at(key);
    let properties: Properties = json!({"port": 443}).as_object().unwrap().clone();
    let relationship = Relationship {
        from: end(AWS_VPC, "v"),
        verb: Verb::Has,
        to: end(AWS_INSTANCE, "i"),
        discriminator: "tcp".to_owned(),
        properties: properties.clone(),
    };
    let reference = Reference {
        from: end(AWS_INSTANCE, "i"),
        verb: Verb::Uses,
        to_type: AWS_VPC,
        property: "vpcId".to_owned(),
        value: "v".to_owned(),
        reversed: true,
        any_region: false,
        properties,
    };
    let gap = Gap {
        kind: GapKind::Detail,
        key: Some(Key::from("i")),
        operation: "DescribeThing".to_owned(),
        properties: vec!["a".to_owned(), "b".to_owned()],
        status: Status::Throttled,
        reason: "slow down".to_owned(),
    };
    let unnamed = Gap { kind: GapKind::Item, key: None, properties: Vec::new(), ..gap.clone() };
    let mut spill = spill();
    for _ in 0..2 {
        spill.relationship(&relationship).unwrap();
        spill.reference(&reference).unwrap();
    }
    spill.gap(&gap).unwrap();
    spill.gap(&unnamed).unwrap();

    let spilled = spill.finish().unwrap();

    let (marks, rows) = (&spilled.marks, &spilled.rows);
    assert_eq!((marks.relationships.len(), marks.references.len(), spilled.gaps.len()), (1, 1, 2));
    assert_eq!(*rows.relationship(marks.relationships[0].place).unwrap(), relationship);
    assert_eq!(marks.relationships[0].id, relationship.id());
    assert_eq!(*rows.reference(marks.references[0].place).unwrap(), reference);
    assert_eq!(marks.references[0].from, Key::from("i").id());
    assert_eq!(*rows.gap(spilled.gaps[0].place).unwrap(), gap);
    assert_eq!(*rows.gap(spilled.gaps[1].place).unwrap(), unnamed);
    assert!(spilled.gaps[0].leaves_unknown && !spilled.gaps[0].forbids_removal());
    assert!(spilled.gaps[1].forbids_removal());
}

#[test]
fn only_the_owner_may_open_the_file() {
    use std::os::unix::fs::PermissionsExt;

    let folder = tempfile::tempdir().unwrap();
    let spill = Spill::new(folder.path()).unwrap();

    // The file has no name to be looked at by, but the process holds it open.
    let named = std::fs::read_dir(folder.path()).unwrap().count();
    let mut modes = Vec::new();
    for entry in std::fs::read_dir("/proc/self/fd").unwrap() {
        let path = entry.unwrap().path();
        let is_ours = std::fs::read_link(&path).is_ok_and(|it| it.starts_with(folder.path()));
        if is_ours && let Ok(found) = std::fs::metadata(&path) {
            modes.push(found.permissions().mode() & 0o777);
        }
    }
    assert_eq!((named, modes), (0, vec![0o600]));
    drop(spill);
}
