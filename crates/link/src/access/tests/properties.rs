//! What must hold for all policies.

use std::sync::Arc;

use proptest::prelude::*;

use super::words::{World, policy};
use crate::access::{Answer, Guardrails, Known, Policy};

const REQUESTS: [&str; 5] = [
    "ann s3:GetObject bucket/x",
    "ops s3:GetObject bucket/x",
    "ops/one sqs:SendMessage queue@b",
    "bob@b kms:Decrypt key",
    "anybody s3:GetObject bucket/x",
];

fn statement() -> impl Strategy<Value = String> {
    let effect = prop_oneof![3 => Just("allow"), 1 => Just("deny")];
    let actions = prop::sample::select(vec![
        "*",
        "s3:*",
        "s3:GetObject",
        "sqs:*",
        "kms:Decrypt",
        "all-but s3:*",
        "all-but iam:*",
        "ec2:*",
    ]);
    let resources = prop::sample::select(vec![
        "",
        "on bucket/*",
        "on bucket/${aws:username}",
        "on bucket/${a:k}",
        "on all-but bucket/*",
        "on queue@b",
    ]);
    let condition = prop::sample::select(vec![
        "",
        "",
        "if StringEquals a:k=x",
        "if StringNotEquals a:k=x",
        "if StringEqualsIfExists a:k=y",
        "if Null a:k=true",
        "if ForAllValues:StringLike a:l=x*",
        "if ForAnyValue:StringNotLike a:l=x*",
        "if Bool a:m=true StringLike a:k=x",
        "if StringEquals aws:PrincipalAccount=111111111111",
    ]);
    (effect, actions, resources, condition).prop_map(|(effect, actions, resources, condition)| {
        format!("{effect} {actions} {resources} {condition}")
    })
}

fn whom() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "to *",
        "to A",
        "to B",
        "to user:ann",
        "to role:ops",
        "to session:ops/one",
        "to all-but A,user:ann",
    ])
}

/// Layers as a table has them.
fn layers() -> impl Strategy<Value = Vec<String>> {
    let layer = prop_oneof![
        4 => statement().prop_map(|it| format!("identity {it}")),
        1 => statement().prop_map(|it| format!("boundary {it}")),
        1 => statement().prop_map(|it| format!("session {it}")),
        1 => statement().prop_map(|it| format!("scp.unit {it}")),
        1 => statement().prop_map(|it| format!("rcp.root {it}")),
        3 => (statement(), whom()).prop_map(|(it, whom)| {
            // Whom it is about stands in front of the condition.
            let (what, condition) = it.split_once(" if ").unwrap_or((&it, ""));
            let condition = if condition.is_empty() { String::new() } else { format!(" if {condition}") };
            format!("resource {what} {whom}{condition}")
        }),
    ];
    prop::collection::vec(layer, 0..7)
}

/// Something that may become known of the request.
fn word() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["a:k=x", "a:k=y", "-a:k", "a:l=x|z", "a:l=y", "-a:l", "a:m=true", "-a:m"])
}

fn answer(request: &str, layers: &[String]) -> Answer {
    let layers: Vec<&str> = layers.iter().map(String::as_str).collect();
    World::new(request, &layers).decide().answer
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn what_is_decided_stays_so_when_more_is_known(
        request in prop::sample::select(REQUESTS.to_vec()),
        layers in layers(),
        words in prop::collection::vec(word(), 0..3),
    ) {
        let mut request = request.to_owned();
        let mut before = answer(&request, &layers);
        for word in words {
            let key = word.trim_start_matches('-').split('=').next().unwrap();
            if request.contains(key) {
                continue;
            }
            request = format!("{request} {word}");
            let after = answer(&request, &layers);
            prop_assert!(before == Answer::Unknown || before == after, "{request}: {before:?}, then {after:?}");
            before = after;
        }
    }

    #[test]
    fn a_denial_more_allows_nothing(
        request in prop::sample::select(REQUESTS.to_vec()),
        layers in layers(),
        denial in statement(),
        place in 0..5usize,
    ) {
        let borrowed: Vec<&str> = layers.iter().map(String::as_str).collect();
        let mut world = World::new(request, &borrowed);
        let before = world.decide().answer;
        let denial = policy("denial", &denial.replacen("allow", "deny", 1));
        match (place, &mut world.identity, &mut world.scps, &mut world.rcps) {
            (0, Known::Known(identity), ..) => identity.policies.push(denial),
            (1, Known::Known(identity), ..) => {
                identity.boundary = identity.boundary.as_ref().map(|it| Arc::new(merged(it, &denial)));
            }
            (2, _, Known::Known(Guardrails::Levels(levels)), _) => levels[0].policies.push(denial),
            (3, .., Known::Known(Guardrails::Levels(levels))) => levels[1].policies.push(denial),
            _ => {
                if let Known::Known(Some(policy)) = &mut world.resource.policy {
                    *policy = Arc::new(merged(policy, &denial));
                }
            }
        }
        let after = world.decide().answer;
        // Allowed comes before unknown, and that before denied.
        prop_assert!(after >= before, "{before:?}, then {after:?}");
    }

    #[test]
    fn the_order_does_not_matter(
        request in prop::sample::select(REQUESTS.to_vec()),
        layers in layers(),
    ) {
        let borrowed: Vec<&str> = layers.iter().map(String::as_str).collect();
        let mut world = World::new(request, &borrowed);
        let once = world.decide();
        if let Known::Known(identity) = &mut world.identity {
            identity.policies.reverse();
            for policy in &mut identity.policies {
                *policy = Arc::new(reversed(policy));
            }
        }
        if let Known::Known(Guardrails::Levels(levels)) = &mut world.scps {
            for level in levels {
                level.policies.reverse();
            }
        }
        prop_assert_eq!(once, world.decide());
    }
}

fn merged(one: &Policy, other: &Policy) -> Policy {
    let mut merged = one.clone();
    merged.statements.extend(other.statements.iter().cloned());
    merged
}

fn reversed(policy: &Policy) -> Policy {
    let mut reversed = policy.clone();
    reversed.statements.reverse();
    reversed
}
