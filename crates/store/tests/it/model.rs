//! Random sequences of snapshots against a model that keeps the rules in the plainest possible way.

use std::collections::{BTreeMap, BTreeSet};

use orgraph_model::vocabulary::{AWS_INSTANCE, AWS_VPC};
use orgraph_model::{GapKind, Outcome, Snapshot, Status, Verb};
use orgraph_store::GuardSettings;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use serde_json::json;

use crate::ends;
use crate::fixture::{Fixture, account, at, entity, gap, partition, relationship, spilled};

/// One run over one of the partitions: how it ended and which entities it named, with the value of each.
#[derive(Debug, Clone)]
struct Run {
    partition: usize,
    status: Status,
    has_listing_gap: bool,
    /// Whether its rows were set aside.
    is_spilled: bool,
    named: BTreeMap<u8, u8>,
}

#[derive(Debug, Clone, Default)]
struct Oracle {
    /// What is stored, by partition and number.
    rows: BTreeMap<(usize, u8), u8>,
}

const PARTITIONS: usize = 3;

fn run() -> impl Strategy<Value = Run> {
    let status = prop_oneof![
        4 => Just(Status::Complete),
        1 => Just(Status::Partial),
        2 => prop::sample::select(Status::ALL),
    ];
    let named = prop::collection::btree_map(0..12_u8, 0..3_u8, 0..12);
    (0..PARTITIONS, status, any::<bool>(), any::<bool>(), named).prop_map(
        |(partition, status, has_listing_gap, is_spilled, named)| Run {
            partition,
            status,
            has_listing_gap: has_listing_gap && status == Status::Partial,
            is_spilled,
            named,
        },
    )
}

fn key(partition: usize, number: u8) -> String {
    format!("i-{partition}-{number}")
}

fn snapshot(run: &Run, seconds: i64) -> Snapshot {
    let account = account(1);
    let mut snapshot = Snapshot::without_rows(
        partition(&account, &format!("ec2-{}", run.partition)),
        at(seconds),
        Outcome::because(run.status, "run"),
    );
    if run.status.has_rows() {
        for (number, value) in &run.named {
            let key = key(run.partition, *number);
            snapshot.entities.push(entity(&account, AWS_INSTANCE, &key, json!({"value": value})));
            let mut edge = relationship((AWS_INSTANCE, &key), Verb::Has, (AWS_VPC, "vpc"));
            edge.discriminator = value.to_string();
            snapshot.relationships.push(edge);
        }
        if run.has_listing_gap {
            snapshot.gaps.push(gap(GapKind::Listing, None, &[]));
        }
    }
    if run.is_spilled { spilled(snapshot) } else { snapshot }
}

impl Oracle {
    /// The rules without a guard: only a run that listed everything removes.
    fn apply(&mut self, run: &Run) {
        if !run.status.has_rows() {
            return;
        }
        if !run.has_listing_gap {
            self.rows.retain(|(partition, number), _| {
                *partition != run.partition || run.named.contains_key(number)
            });
        }
        for (number, value) in &run.named {
            self.rows.insert((run.partition, *number), *value);
        }
    }

    fn entities(&self) -> Vec<(String, String)> {
        let mut entities: Vec<_> = self
            .rows
            .iter()
            .map(|((partition, number), value)| (key(*partition, *number), value.to_string()))
            .collect();
        entities.sort();
        entities
    }
}

async fn stored(fixture: &Fixture) -> Vec<(String, String)> {
    fixture.rows("SELECT _key, properties ->> 'value' FROM orgraph.entity ORDER BY _key COLLATE \"C\"").await
}

/// The digest of every partition, and whether comparing every row with what the last snapshot said agrees with it.
async fn check_consistency(fixture: &Fixture) {
    let broken = fixture
        .column(
            "SELECT 'counts of ' || p.collector FROM orgraph_internal.partition AS p
             WHERE p.entities <> (SELECT count(*) FROM orgraph_internal.entity AS e WHERE e.partition_id = p.partition_id)
                OR p.relationships <> (SELECT count(*) FROM orgraph_internal.relationship AS r WHERE r.partition_id = p.partition_id)
             UNION ALL
             SELECT 'version of ' || h.key FROM orgraph_internal.entity_history AS h WHERE h.valid_from >= h.valid_to
             UNION ALL
             SELECT 'overlap of ' || h.key FROM orgraph_internal.entity_history AS h
             JOIN orgraph_internal.entity_history AS o ON o.id = h.id AND o.valid_from < h.valid_to AND h.valid_from < o.valid_to
               AND o.valid_from <> h.valid_from
             UNION ALL
             SELECT 'live overlap of ' || h.key FROM orgraph_internal.entity_history AS h
             JOIN orgraph_internal.entity AS e ON e.id = h.id AND e.valid_from < h.valid_to",
        )
        .await;
    assert!(broken.is_empty(), "{broken:?}");
    // Instances come and go together with what leads from them. The network is in none of the partitions.
    ends::check_loose(fixture, &[("aws_instance_has_vpc", false)]).await;
    let wrong = fixture.store.wrong_digests().await.unwrap();
    assert!(wrong.is_empty(), "{wrong:?}");
}

fn runs(config: u32, check: impl Fn(Vec<Run>)) {
    let config = ProptestConfig {
        cases: config,
        failure_persistence: None,
        max_shrink_iters: 40,
        ..ProptestConfig::default()
    };
    TestRunner::new(config)
        .run(&prop::collection::vec(run(), 1..20), |runs| {
            check(runs);
            Ok(())
        })
        .unwrap();
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

/// A guard that holds nothing, to compare with the plain rules.
fn open() -> GuardSettings {
    GuardSettings { enabled: false, ..GuardSettings::default() }
}

#[test]
fn any_sequence_of_runs_leads_to_what_the_rules_say() {
    let runtime = runtime();
    runs(24, |runs| {
        runtime.block_on(async {
            let fixture = Fixture::new().await;
            let lease = fixture.lease(&account(1)).await;
            let mut oracle = Oracle::default();
            for (run, seconds) in runs.iter().zip(1..) {
                let found = snapshot(run, seconds);
                fixture.store.reconcile(&lease, &found, &open()).await.unwrap();
                oracle.apply(run);
                assert_eq!(stored(&fixture).await, oracle.entities(), "after {run:?}");

                let again = fixture.store.reconcile(&lease, &found, &open()).await.unwrap();
                let done = (again.created, again.changed, again.removed);
                assert_eq!(done, Default::default(), "idempotent after {run:?}");
            }
            check_consistency(&fixture).await;
        });
    });
}

#[test]
fn nothing_is_removed_that_no_two_listings_or_one_small_loss_miss() {
    let runtime = runtime();
    runs(16, |runs| {
        runtime.block_on(async {
            let fixture = Fixture::new().await;
            let lease = fixture.lease(&account(1)).await;
            let mut before: BTreeSet<String> = BTreeSet::new();
            for (run, seconds) in runs.iter().zip(1..) {
                fixture.reconcile(&lease, snapshot(run, seconds)).await;
                let after: BTreeSet<String> = fixture.keys().await.into_iter().collect();
                let gone: Vec<_> = before.difference(&after).collect();
                let may_remove = run.status.has_rows() && !run.has_listing_gap && !run.named.is_empty();
                assert!(gone.is_empty() || may_remove, "{gone:?} by {run:?}");
                assert!(
                    gone.iter().all(|it| it.starts_with(&format!("i-{}-", run.partition))),
                    "{gone:?} by {run:?}"
                );
                before = after;
            }
            check_consistency(&fixture).await;
        });
    });
}

#[test]
fn the_order_of_partitions_does_not_matter() {
    let runtime = runtime();
    runs(8, |runs| {
        runtime.block_on(async {
            let mut results = Vec::new();
            let mut sorted: Vec<_> = runs.iter().zip(1..).collect();
            for _ in 0..2 {
                let fixture = Fixture::new().await;
                let lease = fixture.lease(&account(1)).await;
                for (run, seconds) in &sorted {
                    fixture.store.reconcile(&lease, &snapshot(run, *seconds), &open()).await.unwrap();
                }
                results.push((
                    stored(&fixture).await,
                    fixture
                        .column("SELECT coalesce(digest::text, 'none') FROM orgraph_internal.partition ORDER BY collector")
                        .await,
                ));
                sorted.sort_by_key(|(run, seconds)| (run.partition, *seconds));
            }
            assert_eq!(results[0], results[1]);
        });
    });
}
