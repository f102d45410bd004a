//! How long the largest policy takes against the largest account. A document may have 10 kB; an account of 100,000
//! entities of one service is larger than any that was met. Everything is timed, from reading the document to the
//! relationships, in seconds of a processor where the system tells them.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark prints, and stops at the first surprise"
)]

use std::time::Instant;

use orgraph_link::{Fact, Facts, Input, LINKERS, Settings};
use orgraph_model::vocabulary::{AWS_ENI, AWS_IAM_ROLE_POLICY};
use orgraph_model::{AccountId, EntityType, Key, Properties, Region};
use serde_json::{Value, json};

const ARNS: usize = 100_000;
const DOCUMENT_BYTES: usize = 10_240;

fn main() {
    let account: AccountId = "111111111111".parse().unwrap();
    println!("{:<54} {:>9} {:>9} {:>14}", "", "patterns", "seconds", "relationships");
    let interfaces = |name: fn(usize) -> String| -> Vec<String> {
        (0..ARNS).map(|it| format!("arn:aws:ec2:eu-west-1:111111111111:{}", name(it))).collect()
    };
    let real = interfaces(|it| format!("network-interface/eni-{:017x}", it * 7919));
    let alike = interfaces(|it| format!("network-interface/{}{it:06}", "a".repeat(40)));

    let run = |what: &str, arns: &[String], pattern: &dyn Fn(usize) -> String, denies: bool| {
        let statements = document(pattern, denies);
        let took = time(&account, arns, &statements.0);
        println!("{what:<54} {:>9} {:>9.3} {:>14}", statements.1, took.0, took.1);
    };
    run(
        "single ARNs",
        &real,
        &|it| format!("eu-west-1:111111111111:network-interface/eni-{:017x}", it * 7919),
        false,
    );
    run(
        "beginnings of names",
        &real,
        &|it| format!("*:*:network-interface/eni-{:014x}*", (it * 7919) >> 12),
        false,
    );
    run("parts of names", &real, &|it| format!("*:*:*{:05x}*", it * 7919), false);
    run(
        "everything, one by one and collapsed",
        &real,
        &|it| format!("*:*:network-interface/*{}", "*?".repeat(it % 5)),
        false,
    );
    run("everything that Deny statements narrow", &real, &|it| format!("*:*:*{:04x}*", it * 331), true);
    run(
        "many ways to divide a name, none of which fits",
        &alike,
        &|it| format!("*:*:{}*b{}", "*a".repeat(30), it % 10),
        false,
    );
    run(
        "the same with characters that are there",
        &alike,
        &|it| format!("*:*:{}*{}1*a", "*a".repeat(30), it % 10),
        false,
    );
    run(
        "a letter before another, none of which fits",
        &alike,
        &|it| format!("*:*:*{}*a*{}", it % 10, (it / 10) % 10),
        false,
    );
}

/// A document as large as may be, and how many patterns it has.
fn document(pattern: &dyn Fn(usize) -> String, denies: bool) -> (Value, usize) {
    let arn = |it: usize| format!("arn:aws:ec2:{}", pattern(it));
    let count = (0..).scan(200, |bytes, it| {
        *bytes += arn(it).len() + 3;
        (*bytes <= DOCUMENT_BYTES).then_some(())
    });
    let count = count.count();
    let resources: Vec<String> = (0..count).map(arn).collect();
    let (granted, withheld) = resources.split_at(if denies { count / 2 } else { count });
    let mut statements = vec![json!({"Effect": "Allow", "Action": "ec2:*", "Resource": granted})];
    if denies {
        statements.push(json!({"Effect": "Deny", "Action": "ec2:Delete*", "Resource": withheld}));
    }
    (json!({"Version": "2012-10-17", "Statement": statements}), count)
}

fn time(account: &AccountId, arns: &[String], document: &Value) -> (f64, usize) {
    let policy = json!({ "policyDocument": document });
    let interfaces = arns.iter().map(|it| fact(account, AWS_ENI, it, Properties::new()));
    let policy = fact(account, AWS_IAM_ROLE_POLICY, "policy", policy.as_object().unwrap().clone());
    let own: Facts = interfaces.chain([policy]).collect();
    let linker = LINKERS.iter().find(|it| it.name == "policies").unwrap();
    let settings = Settings::default();
    let input = Input { account, own: &own, settings: &settings };

    let begun = (Instant::now(), on_processor());
    let _ = (linker.lookups)(&input);
    let given = (linker.link)(&input, &Facts::default());
    let elapsed = begun.0.elapsed().as_secs_f64();
    let took = begun.1.zip(on_processor()).map_or(elapsed, |(begun, ended)| ended - begun);
    (took, given.relationships.len())
}

/// How long this thread has had a processor, so that what else the machine does is not counted.
fn on_processor() -> Option<f64> {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let nanoseconds: f64 = told.split(' ').next()?.parse().ok()?;
    Some(nanoseconds / 1e9)
}

fn fact(account: &AccountId, entity_type: EntityType, key: &str, properties: Properties) -> Fact {
    Fact {
        key: Key::from(key),
        entity_type,
        account: account.clone(),
        region: Region::global(),
        name: None,
        properties,
        tags: Properties::new(),
    }
}
