use orgraph_model::vocabulary::{AWS_INSTANCE, AWS_SUBNET, AWS_VPC};
use orgraph_model::{GapKind, Key, Status, Verb};
use orgraph_store::StoreError;
use serde_json::{Value, json};

use crate::fixture::{
    Fixture, account, at, ended, entity, gap, partition, relationship, snapshot, with_gaps,
};

fn many(account: &orgraph_model::AccountId, count: usize) -> Vec<orgraph_model::Entity> {
    (0..count)
        .map(|it| entity(account, AWS_INSTANCE, &format!("i-{it:03}"), json!({"state": "running"})))
        .collect()
}

/// Properties, tags, name, classes and source.
type StoredRow = (Value, Value, Option<String>, Vec<String>, String);

#[tokio::test]
async fn a_first_load_stores_every_row_and_says_so() {
    for fixture in Fixture::both().await {
        let account = account(1);
        let lease = fixture.lease(&account).await;
        for count in [3, 40] {
            let partition = partition(&account, &format!("ec2:{count}"));
            let mut found = snapshot(&partition, 0, Vec::new());
            for number in 0..count {
                let key = format!("i-{count}-{number}");
                let mut instance = entity(
                    &account,
                    AWS_INSTANCE,
                    &key,
                    json!({"odd": "tab\t\\N\nnew\"line\u{1f600}", "n": 1.5, "null": null}),
                );
                instance.tags.insert("Name".to_owned(), json!("a\\b"));
                instance.name = None;
                found.entities.push(instance);
                let mut uses = relationship((AWS_INSTANCE, &key), Verb::Has, (AWS_VPC, "vpc-1"));
                uses.discriminator = "tcp\t22".to_owned();
                found.relationships.push(uses);
            }

            let applied = fixture.reconcile(&lease, found.clone()).await;

            assert_eq!((applied.created.entities, applied.created.relationships), (count, count));
            assert_eq!(
                (applied.status, applied.unchanged, applied.skipped_foreign),
                (Status::Complete, false, 0)
            );
            let rows: Vec<StoredRow> = fixture
                .rows(&format!("SELECT properties, tags, name, _class, _source FROM orgraph.entity WHERE _key LIKE 'i-{count}-%'"))
                .await;
            assert_eq!(rows.len() as u64, count);
            for row in rows {
                assert_eq!(row.0, Value::Object(found.entities[0].properties.clone()));
                assert_eq!(row.1, json!({"Name": "a\\b"}));
                assert_eq!(
                    (row.2, row.3, row.4.as_str()),
                    (None, vec!["Host".to_owned()], "integration-managed")
                );
            }
            assert!(fixture.reconcile(&lease, found).await.unchanged);
        }
        let key: String = fixture.value("SELECT min(_key) FROM orgraph.relationship").await;
        assert_eq!(key, "i-3-0|HAS|vpc-1|tcp\t22");
        let dangling: bool = fixture.value("SELECT bool_and(dangling) FROM orgraph.relationship").await;
        assert!(dangling, "the VPC is not stored");
    }
}

#[tokio::test]
async fn an_unchanged_sync_writes_one_row_and_little_wal() {
    const PARTITIONS: i64 = 20;
    let fixture = Fixture::new().await;
    let account = account(1);
    let lease = fixture.lease(&account).await;
    let found = |number: i64, seconds| {
        let name = format!("ec2-{number}");
        let mut entities = many(&account, 25);
        for entity in &mut entities {
            entity.key = Key::from(format!("{name}-{}", entity.key));
        }
        snapshot(&partition(&account, &name), seconds, entities)
    };
    for number in 0..PARTITIONS {
        fixture.reconcile(&lease, found(number, 0)).await;
    }
    let versions =
        "SELECT string_agg(ctid::text || xmin::text, ',' ORDER BY id) FROM orgraph_internal.entity";
    let before: String = fixture.value(versions).await;
    // The first touch of a page after a checkpoint writes the whole page; that is not what is measured.
    for number in 0..PARTITIONS {
        assert!(fixture.reconcile(&lease, found(number, 1)).await.unchanged);
    }
    let begin = fixture.log_end().await;

    for number in 0..PARTITIONS {
        assert!(fixture.reconcile(&lease, found(number, 2)).await.unchanged);
    }

    let wal = fixture.log_bytes_since(&begin).await;
    assert!(wal > PARTITIONS * 100, "{wal} bytes are too few to be true");
    assert!(wal < PARTITIONS * 1000, "{wal} bytes for {PARTITIONS} partitions");
    assert_eq!(fixture.value::<String>(versions).await, before);
    assert_eq!(fixture.value::<i64>("SELECT count(*) FROM orgraph_internal.entity_history").await, 0);
}

#[tokio::test]
async fn a_volatile_property_makes_no_version() {
    for fixture in Fixture::both().await {
        let account = account(1);
        let lease = fixture.lease(&account).await;
        let partition = partition(&account, "ec2");
        let found = |seen: i64, seconds| {
            snapshot(
                &partition,
                seconds,
                vec![entity(&account, AWS_INSTANCE, "i-1", json!({"lastUsedOn": seen}))],
            )
        };

        fixture.reconcile(&lease, found(1, 0)).await;

        assert!(fixture.reconcile(&lease, found(2, 1)).await.unchanged);
    }
}

#[tokio::test]
async fn only_a_complete_listing_removes() {
    for fixture in Fixture::both().await {
        let account = account(1);
        let lease = fixture.lease(&account).await;
        for status in Status::ALL.iter().copied() {
            let partition = partition(&account, status.as_str());
            let names = [format!("{status}-1"), format!("{status}-2")];
            let entities =
                || names.iter().map(|it| entity(&account, AWS_INSTANCE, it, json!({}))).collect::<Vec<_>>();
            let mut first = snapshot(&partition, 0, entities());
            first.relationships =
                vec![relationship((AWS_INSTANCE, &names[1]), Verb::Has, (AWS_VPC, "vpc-1"))];
            fixture.reconcile(&lease, first).await;

            let mut second = ended(&partition, 1, status);
            if status.has_rows() {
                second.entities = entities()[..1].to_vec();
            }
            if status == Status::Partial {
                second.gaps = vec![gap(GapKind::Listing, None, &[])];
            }
            let applied = fixture.reconcile(&lease, second).await;

            let expected = u64::from(status == Status::Complete);
            assert_eq!(applied.removed.entities, expected, "{status}");
            assert_eq!(applied.removed.relationships, expected, "{status}");
            let (recorded, left): (String, i64) = fixture
                .rows(&format!("SELECT status, entities FROM orgraph.coverage WHERE collector = '{status}'"))
                .await
                .remove(0);
            assert_eq!((recorded.as_str(), left.unsigned_abs()), (status.as_str(), 2 - expected));
        }
    }
}

#[tokio::test]
async fn a_gap_keeps_previous_values_and_makes_no_version() {
    for fixture in Fixture::both().await {
        let account = account(1);
        let lease = fixture.lease(&account).await;
        let partition = partition(&account, "ec2");
        let whole = json!({"state": "running", "userData": "x", "monitoring": {"on": true}});
        let mut first = snapshot(&partition, 0, vec![entity(&account, AWS_INSTANCE, "i-1", whole.clone())]);
        first.entities[0].tags.insert("a".to_owned(), json!("b"));
        first.entities[0].name = Some("b".to_owned());
        first.relationships = vec![relationship((AWS_INSTANCE, "i-1"), Verb::Has, (AWS_VPC, "vpc-1"))];
        fixture.reconcile(&lease, first).await;

        let second =
            snapshot(&partition, 1, vec![entity(&account, AWS_INSTANCE, "i-1", json!({"state": "running"}))]);
        let gaps = vec![gap(GapKind::Detail, Some("i-1"), &["userData", "monitoring", "tags"])];
        let applied = fixture.reconcile(&lease, with_gaps(second, gaps.clone())).await;

        assert_eq!((applied.changed.entities, applied.removed.relationships), (0, 0));
        assert_eq!(fixture.value::<Value>("SELECT properties FROM orgraph.entity").await, whole);
        assert_eq!(fixture.value::<Value>("SELECT tags FROM orgraph.entity").await, json!({"a": "b"}));
        assert_eq!(fixture.value::<String>("SELECT name FROM orgraph.entity").await, "b");
        assert_eq!(fixture.value::<i64>("SELECT count(*) FROM orgraph_internal.entity_history").await, 0);
        let (kind, key, properties): (String, String, Vec<String>) =
            fixture.rows("SELECT kind, key, properties FROM orgraph.gap").await.remove(0);
        assert_eq!((kind.as_str(), key.as_str()), ("detail", "i-1"));
        assert_eq!(properties, ["userData", "monitoring", "tags"]);

        let changed =
            snapshot(&partition, 2, vec![entity(&account, AWS_INSTANCE, "i-1", json!({"state": "stopped"}))]);
        fixture.reconcile(&lease, with_gaps(changed, gaps)).await;
        let now: Value = fixture.value("SELECT properties FROM orgraph.entity").await;
        assert_eq!(now, json!({"state": "stopped", "userData": "x", "monitoring": {"on": true}}));

        let healed =
            snapshot(&partition, 3, vec![entity(&account, AWS_INSTANCE, "i-1", json!({"state": "stopped"}))]);
        fixture.reconcile(&lease, healed).await;
        assert_eq!(
            fixture.value::<Value>("SELECT properties FROM orgraph.entity").await,
            json!({"state": "stopped"})
        );
        assert_eq!(fixture.value::<i64>("SELECT count(*) FROM orgraph.gap").await, 0);
    }
}

#[tokio::test]
async fn an_unreadable_item_stays_with_what_touches_it() {
    for fixture in Fixture::both().await {
        let account = account(1);
        let lease = fixture.lease(&account).await;
        let partition = partition(&account, "ec2");
        let entities =
            || ["i-1", "i-2", "i-3"].map(|it| entity(&account, AWS_INSTANCE, it, json!({}))).to_vec();
        let mut first = snapshot(&partition, 0, entities());
        first.relationships = ["i-1", "i-2", "i-3"]
            .map(|it| relationship((AWS_SUBNET, "subnet-1"), Verb::Has, (AWS_INSTANCE, it)))
            .to_vec();
        fixture.reconcile(&lease, first).await;

        let second = snapshot(&partition, 1, entities()[..1].to_vec());
        fixture.reconcile(&lease, with_gaps(second, vec![gap(GapKind::Item, Some("i-2"), &[])])).await;

        assert_eq!(fixture.keys().await, ["i-1", "i-2"]);
        let ends = fixture.column("SELECT to_key FROM orgraph.relationship").await;
        assert_eq!(ends, ["i-2"]);
    }
}

#[tokio::test]
async fn a_row_of_another_partition_is_neither_overwritten_nor_removed() {
    for fixture in Fixture::both().await {
        let (mine, other) = (account(1), account(2));
        let (my_lease, other_lease) = (fixture.lease(&mine).await, fixture.lease(&other).await);
        let edge = || vec![relationship((AWS_INSTANCE, "i-1"), Verb::Has, (AWS_VPC, "vpc-1"))];
        let mut owned = snapshot(
            &partition(&mine, "ec2"),
            0,
            vec![entity(&mine, AWS_INSTANCE, "i-1", json!({"owner": "me"}))],
        );
        owned.relationships = edge();
        fixture.reconcile(&my_lease, owned.clone()).await;

        for count in [1, 20] {
            let mut forged = snapshot(
                &partition(&other, &format!("ec2-{count}")),
                0,
                vec![entity(&other, AWS_INSTANCE, "i-1", json!({"owner": "them"}))],
            );
            forged
                .entities
                .extend((1..count).map(|it| entity(&other, AWS_INSTANCE, &format!("o-{it}"), json!({}))));
            forged.relationships = edge();
            let applied = fixture.reconcile(&other_lease, forged.clone()).await;
            assert_eq!((applied.skipped_foreign, applied.created.entities), (2, count - 1), "by {count}");
            forged.started_at = at(1);
            assert!(!fixture.reconcile(&other_lease, forged.clone()).await.unchanged, "it is not as it said");
            forged.entities.clear();
            forged.relationships.clear();
            forged.started_at = at(2);
            assert_eq!(fixture.reconcile(&other_lease, forged.clone()).await.removed.entities, 0);
            forged.started_at = at(62);
            assert_eq!(fixture.reconcile(&other_lease, forged).await.removed.entities, count - 1);
        }

        let kept: Value = fixture.value("SELECT properties FROM orgraph.entity").await;
        assert_eq!(kept, json!({"owner": "me"}));
        assert!(fixture.reconcile(&my_lease, owned).await.unchanged);
    }
}

#[tokio::test]
async fn an_older_snapshot_is_refused() {
    let fixture = Fixture::new().await;
    let account = account(1);
    let lease = fixture.lease(&account).await;
    let partition = partition(&account, "ec2");
    fixture.reconcile(&lease, snapshot(&partition, 10, many(&account, 2))).await;

    for late in [snapshot(&partition, 9, many(&account, 1)), ended(&partition, 9, Status::Failed)] {
        let error = fixture.try_reconcile(&lease, late).await.unwrap_err();
        assert!(matches!(error, StoreError::OlderSnapshot { .. }), "{error}");
    }

    assert_eq!(fixture.keys().await.len(), 2);
    assert_eq!(fixture.value::<String>("SELECT status FROM orgraph.coverage").await, "complete");
}

#[tokio::test]
async fn a_clock_that_runs_ahead_does_not_lock_others_out() {
    let fixture = Fixture::new().await;
    let account = account(1);
    let lease = fixture.lease(&account).await;
    let partition = partition(&account, "ec2");
    let mut ahead = snapshot(&partition, 0, many(&account, 2));
    ahead.started_at = fixture.now().await + chrono::TimeDelta::hours(1);
    fixture.reconcile(&lease, ahead).await;

    let mut right = snapshot(&partition, 0, many(&account, 1));
    right.started_at = fixture.now().await;

    assert_eq!(fixture.reconcile(&lease, right).await.removed.entities, 1);
}

#[tokio::test]
async fn a_nul_becomes_a_gap_and_not_a_failed_partition() {
    let fixture = Fixture::new().await;
    let account = account(1);
    let lease = fixture.lease(&account).await;
    let partition = partition(&account, "ec2");
    let mut found = snapshot(
        &partition,
        0,
        vec![entity(&account, AWS_INSTANCE, "i-1", json!({"a": ["x\0y"], "k\0": {"b": "\0"}}))],
    );
    found.entities[0].name = Some("na\0me".to_owned());
    found.relationships = vec![relationship((AWS_INSTANCE, "i-1"), Verb::Has, (AWS_VPC, "vpc\0"))];
    found.relationships[0].discriminator = "d".repeat(4000);

    let applied = fixture.reconcile(&lease, found.clone()).await;

    assert_eq!((applied.created.entities, applied.created.relationships), (1, 1));
    let stored: Value = fixture.value("SELECT properties FROM orgraph.entity").await;
    assert_eq!(stored, json!({"a": ["x\u{fffd}y"], "k\u{fffd}": {"b": "\u{fffd}"}}));
    assert_eq!(fixture.value::<i64>("SELECT count(*) FROM orgraph.gap WHERE kind = 'value'").await, 2);
    assert!(fixture.reconcile(&lease, found).await.unchanged);
}

#[tokio::test]
async fn every_24th_sync_compares_rows_whatever_the_digest_says() {
    let fixture = Fixture::new().await;
    let account = account(1);
    let lease = fixture.lease(&account).await;
    let partition = partition(&account, "ec2");
    fixture.reconcile(&lease, snapshot(&partition, 0, many(&account, 2))).await;
    sqlx::raw_sql(
        "ALTER TABLE orgraph_internal.entity DISABLE TRIGGER USER; DELETE FROM orgraph_internal.entity WHERE key = 'i-001'",
    )
    .execute(&fixture.db.pool())
    .await
    .unwrap();

    let mut healed_at = None;
    for sync in 2..=24 {
        let applied = fixture.reconcile(&lease, snapshot(&partition, sync, many(&account, 2))).await;
        if !applied.unchanged {
            healed_at.get_or_insert(sync);
        }
    }

    assert_eq!(healed_at, Some(24));
    assert_eq!(fixture.keys().await, ["i-000", "i-001"]);
}

#[tokio::test]
async fn partitions_are_written_side_by_side_and_each_as_a_whole() {
    let fixture = Fixture::new().await;
    let account = account(1);
    let lease = fixture.lease(&account).await;
    let syncs = (0..8).map(|number| {
        let (store, lease, guard) = (fixture.store.clone(), lease.clone(), fixture.guard);
        let partition = partition(&account, &format!("ec2-{}", number % 4));
        let entities = (0..50)
            .map(|it| {
                entity(&account, AWS_INSTANCE, &format!("i-{}-{it}", number % 4), json!({"by": number % 4}))
            })
            .collect();
        tokio::spawn(async move { store.reconcile(&lease, &snapshot(&partition, 0, entities), &guard).await })
    });
    for sync in syncs.collect::<Vec<_>>() {
        sync.await.unwrap().unwrap();
    }

    assert_eq!(fixture.keys().await.len(), 200);
}

#[tokio::test]
async fn a_snapshot_of_another_account_is_refused() {
    let fixture = Fixture::new().await;
    let lease = fixture.lease(&account(1)).await;

    let error = fixture
        .try_reconcile(&lease, snapshot(&partition(&account(2), "ec2"), 0, Vec::new()))
        .await
        .unwrap_err();

    assert!(matches!(error, StoreError::WrongAccount { .. }), "{error}");
}
