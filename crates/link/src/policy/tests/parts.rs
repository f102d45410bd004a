//! Policies one by one give what all together give.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use orgraph_model::{Entity, EntityId, Key, Relationship};
use proptest::prelude::*;

use super::super::parts::parts;
use super::*;

/// One document or another.
fn document(number: usize) -> Value {
    let allow = |resources: Value| allow(&json!(["*", "sqs:Send*"]), &resources);
    match number {
        0 => json!([allow(json!("*"))]),
        1 => json!([allow(json!(["arn:aws:s3:::b/*", "arn:aws:s3:::b2"]))]),
        2 => json!([allow(json!("arn:aws:dynamodb:*:*:table/prod-*"))]),
        3 => json!([
            allow(json!("arn:aws:s3:::theirs")),
            allow(json!("arn:aws:sqs:eu-west-1:222222222222:theirs"))
        ]),
        4 => json!([allow(json!("arn:aws:sqs:eu-west-1:333333333333:gone"))]),
        5 => json!([
            allow(json!(["arn:aws:dynamodb:*:*:table/*", "arn:aws:events:*:*:rule/*"])),
            {"Effect": "Deny", "Action": "dynamodb:Delete*", "Resource": "arn:aws:dynamodb:*:*:table/prod-*"},
        ]),
        6 => json!([allow(json!("arn:aws:rds-db:*:*:dbuser:*/app"))]),
        7 => json!([allow(json!("arn:aws:execute-api:*:*:abc/prod/*"))]),
        8 => json!([allow(json!("arn:aws:iam::111111111111:policy/*"))]),
        _ => json!([{"Effect": "Allow", "NotAction": "iam:*", "NotResource": "arn:aws:s3:::b"}]),
    }
}
const DOCUMENTS: usize = 10;

/// What is stored at one time.
#[derive(Debug, Clone)]
struct World {
    /// For each policy that is there its document, if one is known, and whether it is of AWS.
    policies: Vec<Option<(Option<usize>, bool)>>,
    own: Vec<bool>,
    elsewhere: Vec<bool>,
    limit: usize,
}

type Rows = (BTreeMap<(Key, Key), Relationship>, BTreeMap<Key, Entity>);

impl World {
    fn own(&self, is_reversed: bool) -> Facts {
        let policy = |(number, it): (usize, &Option<(Option<usize>, bool)>)| {
            let (number_of_document, of_aws) = (*it)?;
            let mut properties = json!({"awsManaged": of_aws});
            if let Some(number) = number_of_document {
                properties["policyDocument"] = json!({"Statement": document(number)});
            }
            Some(fact(AWS_IAM_POLICY, &format!("arn:aws:iam::111111111111:policy/p{number}"), properties))
        };
        let there = stored().into_iter().zip(&self.own).filter(|(_, is)| **is).map(|(it, _)| it);
        let mut own: Vec<Fact> = self.policies.iter().enumerate().filter_map(policy).chain(there).collect();
        if is_reversed {
            own.reverse();
        }
        own.into_iter().collect()
    }

    fn settings(&self) -> Settings {
        Settings { resource_fanout_limit: self.limit, ..Settings::default() }
    }

    fn found(&self, own: &Facts) -> Facts {
        let (account, settings) = (account(), self.settings());
        let input = Input { account: &account, own, settings: &settings };
        let there: HashSet<Key> = elsewhere()
            .into_iter()
            .zip(&self.elsewhere)
            .filter(|(_, is)| **is)
            .map(|(it, _)| it.key)
            .collect();
        lookups(&input).iter().flat_map(find).filter(|it| there.contains(&it.key)).collect()
    }

    fn parts(&self, is_reversed: bool) -> BTreeMap<EntityId, orgraph_model::ContentHash> {
        let (account, settings, own) = (account(), self.settings(), self.own(is_reversed));
        parts(&Input { account: &account, own: &own, settings: &settings }, &self.found(&own))
    }

    /// What follows for all policies but these.
    fn linked(&self, but: &BTreeSet<EntityId>) -> Rows {
        let (account, settings, own) = (account(), self.settings(), self.own(false));
        let found = self.found(&own);
        let own = own.with_only_names(but);
        let linked = link(&Input { account: &account, own: &own, settings: &settings }, &found);
        let relationships = linked.relationships.into_iter();
        (
            relationships.map(|it| ((it.from.key.clone(), it.to.key.clone()), it)).collect(),
            linked.entities.into_iter().map(|it| (it.key.clone(), it)).collect(),
        )
    }
}

/// What was stored for these policies, with what they stand in for.
fn kept(rows: Rows, of: &BTreeSet<EntityId>) -> Rows {
    let (mut relationships, mut entities) = rows;
    relationships.retain(|(from, _), _| of.contains(&from.id()));
    let ends: HashSet<&Key> = relationships.keys().map(|(_, to)| to).collect();
    entities.retain(|key, _| ends.contains(key));
    (relationships, entities)
}

fn world() -> impl Strategy<Value = World> {
    let policy = proptest::option::of((proptest::option::weighted(0.9, 0..DOCUMENTS), any::<bool>()));
    let there = |count| proptest::collection::vec(proptest::bool::weighted(0.8), count);
    let limit = prop_oneof![Just(1_usize), Just(1000)];
    (proptest::collection::vec(policy, 5), there(stored().len()), there(elsewhere().len()), limit)
        .prop_map(|(policies, own, elsewhere, limit)| World { policies, own, elsewhere, limit })
}

/// A world, and how it is after something was edited.
fn edited() -> impl Strategy<Value = (World, World)> {
    (world(), world(), proptest::collection::vec(proptest::bool::weighted(0.2), 64)).prop_map(
        |(before, other, edits)| {
            let mut edits = edits.into_iter();
            let mut is_edited = move || edits.next().unwrap_or_default();
            let mut after = before.clone();
            for (at, it) in other.policies.into_iter().enumerate().filter(|_| is_edited()) {
                after.policies[at] = it;
            }
            for (at, it) in other.own.into_iter().enumerate().filter(|_| is_edited()) {
                after.own[at] = it;
            }
            for (at, it) in other.elsewhere.into_iter().enumerate().filter(|_| is_edited()) {
                after.elsewhere[at] = it;
            }
            if is_edited() {
                after.limit = other.limit;
            }
            (before, after)
        },
    )
}

proptest! {
    #[test]
    fn what_changed_with_what_did_not_is_everything((before, after) in edited()) {
        let (then, now) = (before.parts(false), after.parts(false));
        let same: BTreeSet<EntityId> =
            now.iter().filter(|(id, hash)| then.get(id) == Some(hash)).map(|(id, _)| *id).collect();

        let (mut relationships, mut entities) = after.linked(&same);
        let stored = kept(before.linked(&BTreeSet::new()), &same);
        relationships.extend(stored.0);
        entities.extend(stored.1);

        prop_assert_eq!((relationships, entities), after.linked(&BTreeSet::new()));
    }

    #[test]
    fn the_order_of_facts_does_not_matter_to_parts(world in world()) {
        prop_assert_eq!(world.parts(false), world.parts(true));
    }
}

#[test]
fn an_edit_concerns_the_policies_that_it_can_reach() {
    let before = World {
        policies: vec![Some((Some(1), false)), Some((Some(2), false)), Some((Some(0), false))],
        own: vec![true; stored().len()],
        elsewhere: vec![true; elsewhere().len()],
        limit: 1000,
    };
    let changed = |edit: fn(&mut World)| {
        let mut after = before.clone();
        edit(&mut after);
        let (then, now) = (before.parts(false), after.parts(false));
        let key = |it: usize| Key::from(format!("arn:aws:iam::111111111111:policy/p{it}")).id();
        (0..3).filter(|it| then.get(&key(*it)) != now.get(&key(*it))).collect::<Vec<_>>()
    };

    assert_eq!(changed(|_| {}), [0; 0]);
    // The first bucket: what a pattern of S3 can match.
    assert_eq!(changed(|it| it.own[0] = false), [0]);
    // A queue: no policy names one.
    assert_eq!(changed(|it| it.own[2] = false), [0; 0]);
    assert_eq!(changed(|it| it.own[3] = false), [1]);
    assert_eq!(changed(|it| it.policies[2] = Some((Some(5), false))), [2]);
    assert_eq!(changed(|it| it.policies[1] = None), [1]);
    assert_eq!(changed(|it| it.limit = 1), [0, 1, 2]);
}
