//! Snapshots whose rows were too many for memory.

use std::borrow::Cow;
use std::sync::Arc;

use orgraph_model::vocabulary::{AWS_INSTANCE, AWS_VPC};
use orgraph_model::{
    Entity, Gap, GapKind, Marker, Place, Reference, Relationship, Rows, RowsError, Snapshot, Spilled, Verb,
};
use orgraph_store::StoreError;
use serde_json::{Value, json};

use crate::fixture::{Fixture, account, entity, gap, partition, relationship, snapshot, spilled, with_gaps};

fn instances(count: usize, state: &str) -> Vec<Entity> {
    (0..count)
        .map(|it| entity(&account(1), AWS_INSTANCE, &format!("i-{it:04}"), json!({"state": state, "n": it})))
        .collect()
}

fn whale(seconds: i64, count: usize, state: &str) -> Snapshot {
    let mut found = snapshot(&partition(&account(1), "ec2"), seconds, instances(count, state));
    found.relationships = found
        .entities
        .iter()
        .map(|it| relationship((AWS_VPC, "vpc-1"), Verb::Has, (AWS_INSTANCE, it.key.as_str())))
        .collect();
    found
}

#[tokio::test]
async fn rows_say_the_same_in_memory_and_set_aside() {
    let fixture = Fixture::new().await;
    let lease = fixture.lease(&account(1)).await;

    let loaded = fixture.reconcile(&lease, spilled(whale(0, 2500, "running"))).await;
    let in_memory = fixture.reconcile(&lease, whale(1, 2500, "running")).await;
    let again = fixture.reconcile(&lease, spilled(whale(2, 2500, "running"))).await;
    let changed = fixture.reconcile(&lease, spilled(whale(3, 2400, "stopped"))).await;

    assert_eq!((loaded.created.entities, loaded.created.relationships), (2500, 2500));
    assert!(in_memory.unchanged && again.unchanged);
    assert_eq!((changed.changed.entities, changed.changed.relationships), (2400, 0));
    assert_eq!((changed.removed.entities, changed.removed.relationships), (100, 100));
    let stopped: i64 =
        fixture.value("SELECT count(*) FROM orgraph.entity WHERE properties ->> 'state' = 'stopped'").await;
    assert_eq!(stopped, 2400);
    assert!(fixture.store.wrong_digests().await.unwrap().is_empty());
    assert!(fixture.reconcile(&lease, whale(4, 2400, "stopped")).await.unchanged);
}

#[tokio::test]
async fn many_unknown_properties_keep_their_values() {
    const COUNT: usize = 2100;
    for fixture in Fixture::both().await {
        let lease = fixture.lease(&account(1)).await;
        fixture.reconcile(&lease, whale(0, COUNT, "running")).await;

        let mut found = whale(1, COUNT, "running");
        let mut gaps = Vec::new();
        for entity in &mut found.entities {
            entity.properties.remove("n");
            gaps.push(gap(GapKind::Detail, Some(entity.key.as_str()), &["n"]));
        }
        found.entities[7].properties.insert("state".to_owned(), json!("stopped"));
        let found = with_gaps(found, gaps);
        let applied = fixture.reconcile(&lease, found.clone()).await;
        let again = fixture.reconcile(&lease, found).await;

        assert_eq!((applied.changed.entities, applied.created.entities, applied.unchanged), (1, 0, false));
        assert!(again.unchanged);
        let kept: i64 = fixture.value("SELECT count(*) FROM orgraph.entity WHERE properties ? 'n'").await;
        let gaps: i64 = fixture.value("SELECT count(*) FROM orgraph.gap").await;
        assert_eq!((kept, gaps), (2100, 2100));
        let ordinals: i64 = fixture.value("SELECT max(ordinal)::bigint FROM orgraph_internal.gap").await;
        assert_eq!(ordinals, 2100);
    }
}

/// Rows of which one cannot be read back.
#[derive(Debug)]
struct Torn {
    whole: Snapshot,
    torn: Place,
}

impl Rows for Torn {
    fn entity(&self, place: Place) -> Result<Cow<'_, Entity>, RowsError> {
        if place == self.torn {
            return Err(RowsError {
                attempted: "read back a row that was set aside",
                reason: "no such device".to_owned(),
            });
        }
        Ok(Cow::Borrowed(&self.whole.entities[usize::try_from(place).unwrap()]))
    }

    fn relationship(&self, place: Place) -> Result<Cow<'_, Relationship>, RowsError> {
        Ok(Cow::Borrowed(&self.whole.relationships[usize::try_from(place).unwrap()]))
    }

    fn reference(&self, place: Place) -> Result<Cow<'_, Reference>, RowsError> {
        Ok(Cow::Borrowed(&self.whole.references[usize::try_from(place).unwrap()]))
    }

    fn gap(&self, place: Place) -> Result<Cow<'_, Gap>, RowsError> {
        Ok(Cow::Borrowed(&self.whole.gaps[usize::try_from(place).unwrap()]))
    }
}

fn torn(whole: Snapshot, torn: Place) -> Snapshot {
    let mut marker = Marker::default();
    whole.entities.iter().zip(0..).for_each(|(it, place)| marker.entity(it, place));
    whole.relationships.iter().zip(0..).for_each(|(it, place)| marker.relationship(it, place));
    let mut marks = marker.finish();
    marks.settle();
    let outcome = Snapshot::without_rows(whole.partition.clone(), whole.started_at, whole.outcome.clone());
    let spilled = Spilled { marks, gaps: Vec::new(), rows: Box::new(Torn { whole, torn }) };
    Snapshot { spilled: Some(Arc::new(spilled)), ..outcome }
}

#[tokio::test]
async fn a_row_that_cannot_be_read_back_leaves_everything_as_it_was() {
    let fixture = Fixture::new().await;
    let lease = fixture.lease(&account(1)).await;

    let first = fixture.try_reconcile(&lease, torn(whale(0, 40, "running"), 20)).await.unwrap_err();
    let after_first = fixture.keys().await;
    fixture.reconcile(&lease, whale(1, 40, "running")).await;
    let second = fixture.try_reconcile(&lease, torn(whale(2, 30, "stopped"), 20)).await.unwrap_err();

    assert!(
        matches!(first, StoreError::Rows(_)) && matches!(second, StoreError::Rows(_)),
        "{first} {second}"
    );
    assert!(after_first.is_empty());
    let states: Vec<(String, i64)> = fixture
        .rows("SELECT properties ->> 'state', count(*) FROM orgraph.entity GROUP BY properties ->> 'state'")
        .await;
    assert_eq!(states, [("running".to_owned(), 40)]);
    assert!(fixture.reconcile(&lease, whale(3, 40, "running")).await.unchanged);
}

#[tokio::test]
async fn a_listing_that_is_suddenly_empty_waits_whole() {
    for fixture in Fixture::both().await {
        let lease = fixture.lease(&account(1)).await;
        fixture.reconcile(&lease, whale(0, 1500, "running")).await;

        let emptied = fixture.reconcile(&lease, whale(1, 0, "running")).await;
        let confirmed = fixture.reconcile(&lease, whale(61, 0, "running")).await;

        let held = emptied.held.unwrap().rows;
        assert_eq!((held.entities, held.relationships, emptied.removed.entities), (1500, 1500, 0));
        assert_eq!((confirmed.removed.entities, confirmed.removed.relationships), (1500, 1500));
        let left: Value = fixture.value("SELECT to_jsonb(count(*)) FROM orgraph.entity").await;
        assert_eq!(left, 0);
    }
}
