//! A partition that is too large for memory is the same as one that is not.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use orgraph_collect::prelude::*;
use orgraph_collect::replay::{self, Answer};
use orgraph_collect::{Facts, MemoryLimits};
use orgraph_model::{AccountId, Region, Snapshot, Status};

/// A queue, more or less.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Queue {
    /// A number.
    number: u64,
    /// A text.
    text: String,
    /// A number that moves by itself.
    messages: u64,
}

impl Entity for Queue {
    const TYPE: EntityType = AWS_SQS_QUEUE;
    const VOLATILE: &'static [&'static str] = &["messages"];
}

static QUEUES: Collector = Collector {
    name: "sqs_queues",
    service: Service::SQS,
    scope: Scope::Region,
    calls: &[],
    entities: &[entity::<Queue>()],
    relationships: &[
        rel(AWS_SQS, Has, AWS_SQS_QUEUE),
        rel(AWS_SQS_QUEUE, Uses, AWS_KMS_KEY),
        rel(AWS_SQS_QUEUE, Connects, AWS_SQS_QUEUE),
    ],
    collect: |cx, out| Box::pin(std::future::ready(queues(cx, out))),
};

/// Numbers that look random and are the same for the same seed.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

/// What is listed depends on when reading began: the second is the seed, its thousandths say how it ends.
fn queues(cx: &Cx, out: &mut Batch) -> Result<(), CollectError> {
    let mut dice = Dice(cx.started_at().timestamp().unsigned_abs());
    let denied =
        || CollectError::Denied { operation: "ListQueues".to_owned(), code: "AccessDenied".to_owned() };
    let consistent = dice.roll(3) > 0;
    for turn in 0..dice.roll(120) {
        if cx.started_at().timestamp_subsec_millis() == END_DENIED && turn == 60 {
            return Err(denied());
        }
        let key = Key::from(format!("arn:aws:sqs:us-east-1:{}:q-{}", cx.account(), dice.roll(90)));
        let detail = match dice.roll(6) {
            0 => Detail::Unknown(denied()),
            _ => Detail::Known(()),
        };
        let number = if consistent { key.as_str().len() as u64 } else { dice.roll(40) };
        let text = if dice.roll(20) == 0 { "a\0b".to_owned() } else { "text".to_owned() };
        let queue = Queue { number, text: if consistent { "same".to_owned() } else { text }, messages: turn };
        let tags = if consistent { vec![("Owner", "me")] } else { vec![("Name", "tagged"), ("PII", "true")] };
        out.add(&key, "q", &queue).tags(tags).web_link("https://x").unknown(&detail, &["number", "tags"]);
        match dice.roll(8) {
            0 => _ = out.link(AWS_SQS_QUEUE.at(&key), Uses, AWS_KMS_KEY.at("k")).property("n", turn),
            1 => {
                let own = out.link(AWS_SQS_QUEUE.at(&key), Connects, AWS_SQS_QUEUE.at("q-1"));
                own.discriminator(format!("d-{}", dice.roll(3)));
            }
            2 => out.find(AWS_SQS_QUEUE.at(&key), Uses, AWS_KMS_KEY, "keyId", "k").any_region = turn % 2 == 0,
            3 => out.keep("another", &detail),
            4 => out.skip(Some(key), "odd"),
            5 => out.placeholder(&AWS_SQS_QUEUE.at("far"), &cx.account().clone(), "far"),
            _ => {}
        }
    }
    Ok(())
}

const END_COMPLETE: u32 = 0;
const END_DENIED: u32 = 1;

fn at(seed: i64, end: u32) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::seconds(seed) + TimeDelta::milliseconds(end.into())
}

fn tight() -> MemoryLimits {
    MemoryLimits { rows: 7, ..MemoryLimits::default() }
}

async fn read(collector: &Collector, memory: MemoryLimits, at: DateTime<Utc>) -> Snapshot {
    let session = replay::session_within(memory, |_| Answer::ok("")).await;
    let region: Region = replay::REGION.parse().unwrap();
    orgraph_collect::run::run(collector, &session, &region, &Arc::new(Facts::default()), at).await
}

/// Everything that a snapshot says, wherever it is.
fn content(snapshot: &Snapshot) -> BTreeMap<String, usize> {
    let mut lines = Vec::new();
    lines.extend(snapshot.entities.iter().map(|it| format!("{it:?}")));
    lines.extend(snapshot.relationships.iter().map(|it| format!("{it:?}")));
    lines.extend(snapshot.references.iter().map(|it| format!("{it:?}")));
    lines.extend(snapshot.gaps.iter().map(|it| format!("{it:?}")));
    if let Some(spilled) = &snapshot.spilled {
        let (marks, rows) = (&spilled.marks, &spilled.rows);
        let entities = marks.own.iter().chain(&marks.contributed);
        lines.extend(entities.map(|it| format!("{:?}", rows.entity(it.place).unwrap())));
        lines.extend(
            marks.relationships.iter().map(|it| format!("{:?}", rows.relationship(it.place).unwrap())),
        );
        lines.extend(marks.references.iter().map(|it| format!("{:?}", rows.reference(it.place).unwrap())));
        lines.extend(spilled.gaps.iter().map(|it| format!("{:?}", rows.gap(it.place).unwrap())));
    }
    lines.push(format!("{:?}", snapshot.may_remove()));
    lines.push(format!("{:?}", snapshot.outcome.status));
    let mut counted = BTreeMap::new();
    for line in lines {
        *counted.entry(line).or_insert(0) += 1;
    }
    counted
}

#[tokio::test]
async fn what_is_set_aside_is_what_would_be_in_memory() {
    let (mut spilled, mut partial) = (0, 0);
    for seed in 0..150 {
        let in_memory = read(&QUEUES, MemoryLimits::unlimited(), at(seed, END_COMPLETE)).await;
        let set_aside = read(&QUEUES, tight(), at(seed, END_COMPLETE)).await;

        assert_eq!(content(&set_aside), content(&in_memory), "seed {seed}");
        assert!(in_memory.spilled.is_none());
        spilled += usize::from(set_aside.spilled.is_some());
        partial += usize::from(set_aside.outcome.status == Status::Partial && !set_aside.may_remove());
    }
    assert!(spilled > 100 && partial > 20, "{spilled} were set aside, {partial} were inconsistent");
}

#[tokio::test]
async fn a_few_large_rows_are_set_aside_like_many_small_ones() {
    let seed = 4;
    let small = MemoryLimits { bytes: 2000, ..MemoryLimits::default() };

    let in_memory = read(&QUEUES, MemoryLimits::default(), at(seed, END_COMPLETE)).await;
    let set_aside = read(&QUEUES, small, at(seed, END_COMPLETE)).await;

    assert!(in_memory.spilled.is_none() && set_aside.spilled.is_some());
    assert_eq!(content(&set_aside), content(&in_memory));
}

#[tokio::test]
async fn a_listing_that_is_denied_in_the_middle_has_no_rows() {
    let mut denied = 0;
    for seed in 0..20 {
        let snapshot = read(&QUEUES, tight(), at(seed, END_DENIED)).await;
        if snapshot.outcome.status == Status::DeniedIam {
            denied += 1;
            assert!(snapshot.entities.is_empty() && snapshot.spilled.is_none() && !snapshot.may_remove());
        }
    }
    assert!(denied > 3, "{denied} were denied");
}

static ENDLESS: Collector = Collector { collect: |cx, out| Box::pin(endless(cx.account(), out)), ..QUEUES };

async fn endless(account: &AccountId, out: &mut Batch) -> Result<(), CollectError> {
    for number in 0.. {
        let queue = Queue { number, text: String::new(), messages: 0 };
        out.add(format!("arn:aws:sqs:us-east-1:{account}:{number}"), "q", &queue);
        tokio::task::yield_now().await;
    }
    Ok(())
}

#[tokio::test]
async fn where_nothing_can_be_set_aside_the_partition_fails_and_ends() {
    let memory = MemoryLimits { folder: "/nowhere/at/all".into(), ..tight() };

    // Without an end, only giving up ends it.
    let snapshot = read(&ENDLESS, memory, at(0, END_COMPLETE)).await;

    assert_eq!(snapshot.outcome.status, Status::Failed);
    let reason = snapshot.outcome.reason.as_deref().unwrap();
    assert!(reason.contains("temporary file") && reason.contains("/nowhere/at/all"), "{reason}");
    assert!(snapshot.spilled.is_none() && !snapshot.may_remove());
}
