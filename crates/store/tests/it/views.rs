use orgraph_model::vocabulary::AWS_INSTANCE;
use orgraph_store::{PgType, StoreError, TypeView};
use serde_json::json;

use crate::fixture::{Fixture, account, entity, partition, snapshot};

fn view(name: &str, columns: &[(&str, PgType)]) -> TypeView {
    TypeView {
        name: name.to_owned(),
        comment: "It's \\ here".to_owned(),
        columns: columns.iter().map(|(property, pg_type)| ((*property).to_owned(), *pg_type)).collect(),
    }
}

#[tokio::test]
async fn a_view_per_type_has_typed_columns_that_never_fail() {
    let fixture = Fixture::new().await;
    let account = account(1);
    let lease = fixture.lease(&account).await;
    let good = json!({"text": "t", "count": 7, "ratio": 0.5, "public": true, "createdOn": 1_700_000_000_000_i64, "list": ["a", "b"], "it's": {"a": 1}, "name": "n"});
    let bad = json!({"text": 5, "count": "x", "ratio": [], "public": "yes", "createdOn": 1e300, "list": "a", "it's": null});
    let entities =
        vec![entity(&account, AWS_INSTANCE, "good", good), entity(&account, AWS_INSTANCE, "bad", bad)];
    fixture.reconcile(&lease, snapshot(&partition(&account, "ec2"), 0, entities)).await;
    let columns = [
        ("text", PgType::Text),
        ("count", PgType::BigInt),
        ("ratio", PgType::Double),
        ("public", PgType::Boolean),
        ("createdOn", PgType::Timestamp),
        ("list", PgType::TextArray),
        ("it's", PgType::Json),
        ("name", PgType::Text),
        ("text", PgType::Text),
    ];

    fixture.store.replace_type_views(&[view("aws_instance", &columns)]).await.unwrap();

    let rows = fixture
        .column(
            "SELECT concat_ws(' ', _key, text, count, ratio, public, \"createdOn\" AT TIME ZONE 'UTC', list, \"it's\") FROM orgraph.aws_instance ORDER BY _key",
        )
        .await;
    assert_eq!(rows, ["bad 5 null", "good t 7 0.5 t 2023-11-14 22:13:20 {a,b} {\"a\": 1}"]);
    let comment: String =
        fixture.value("SELECT obj_description('orgraph.aws_instance'::regclass, 'pg_class')").await;
    assert_eq!(comment, "It's \\ here");
}

#[tokio::test]
async fn views_are_replaced_as_a_whole_and_only_when_they_differ() {
    let fixture = Fixture::new().await;
    let oids = "SELECT relname || ' ' || oid FROM pg_class WHERE relnamespace = 'orgraph'::regnamespace AND relname LIKE 'aws%' ORDER BY 1";
    let first = [view("aws_instance", &[("a", PgType::Text)]), view("aws_vpc", &[])];
    fixture.store.replace_type_views(&first).await.unwrap();
    let before = fixture.column(oids).await;
    assert_eq!(before.len(), 2);

    fixture.store.replace_type_views(&first).await.unwrap();
    assert_eq!(fixture.column(oids).await, before);

    fixture.store.replace_type_views(&[view("aws_vpc", &[]), view("aws_subnet", &[])]).await.unwrap();
    let after = fixture.column(oids).await;
    assert_eq!(after[1], before[1]);
    assert!(after[0].starts_with("aws_subnet "), "{after:?}");
}

#[tokio::test]
async fn several_daemons_replace_the_views_at_once() {
    let fixture = Fixture::new().await;
    let replacements: Vec<_> = (0..4)
        .map(|_| {
            let store = fixture.store.clone();
            tokio::spawn(async move { store.replace_type_views(&[view("aws_instance", &[])]).await })
        })
        .collect();
    for replacement in replacements {
        replacement.await.unwrap().unwrap();
    }

    assert_eq!(fixture.column("SELECT name FROM orgraph_internal.type_view").await, ["aws_instance"]);
}

#[tokio::test]
async fn a_view_cannot_take_a_name_of_the_surface() {
    let fixture = Fixture::new().await;
    for name in ["entity", "gap", "", "1a", "a b", "A", "a\"b"] {
        let error = fixture.store.replace_type_views(&[view(name, &[])]).await.unwrap_err();

        assert!(matches!(error, StoreError::ViewName { .. }), "{error}");
    }
}

#[tokio::test]
async fn an_identity_is_the_same_in_sql() {
    let fixture = Fixture::new().await;
    for key in ["abc", "arn:aws:s3:::b\u{fc}cket", ""] {
        let id: uuid::Uuid = sqlx::query_scalar("SELECT orgraph.entity_id($1)")
            .bind(key)
            .fetch_one(&fixture.db.pool())
            .await
            .unwrap();

        assert_eq!(id, orgraph_model::Key::from(key).id());
    }
}
