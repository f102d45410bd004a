use chrono::TimeDelta;
use orgraph_model::Verb;
use orgraph_model::vocabulary::{AWS_INSTANCE, AWS_VPC};
use orgraph_store::{ConnectSettings, PgType, Store, StoreError, TypeView, migrate};
use serde_json::json;
use sqlx::{AssertSqlSafe, Connection, PgConnection};

use crate::fixture::{Fixture, account, entity, partition, relationship, snapshot};

/// The error code of a statement, if it fails.
async fn code(fixture: &Fixture, role: &str, statement: &str) -> Option<String> {
    let mut connection = PgConnection::connect(fixture.db.url()).await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(format!("SET ROLE {role}"))).execute(&mut connection).await.unwrap();
    let result = sqlx::raw_sql(AssertSqlSafe(statement.to_owned())).execute(&mut connection).await;
    result.err().map(|error| error.as_database_error().unwrap().code().unwrap().into_owned())
}

async fn loaded() -> Fixture {
    let fixture = Fixture::new().await;
    let account = account(1);
    let lease = fixture.lease(&account).await;
    for (seconds, state) in [(0, "running"), (1, "stopped")] {
        let mut found = snapshot(
            &partition(&account, "ec2"),
            seconds,
            vec![entity(&account, AWS_INSTANCE, "i-1", json!({"state": state}))],
        );
        found.relationships = vec![relationship((AWS_VPC, "vpc-1"), Verb::Has, (AWS_INSTANCE, "i-1"))];
        fixture.reconcile(&lease, found).await;
    }
    let view = TypeView {
        name: "aws_instance".to_owned(),
        comment: "Instances".to_owned(),
        columns: vec![("state".to_owned(), PgType::Text)],
    };
    fixture.store.replace_type_views(&[view]).await.unwrap();
    fixture
}

#[tokio::test]
async fn the_reader_sees_the_surface_and_nothing_else() {
    let fixture = loaded().await;

    let readable = fixture
        .column(
            "SELECT n.nspname || '.' || c.relname FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
             WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
               AND has_schema_privilege('orgraph_reader', n.oid, 'USAGE') AND has_table_privilege('orgraph_reader', c.oid, 'SELECT')
             ORDER BY 1",
        )
        .await;
    let expected = [
        "orgraph.account",
        "orgraph.aws_instance",
        "orgraph.coverage",
        "orgraph.entity",
        "orgraph.gap",
        "orgraph.loose_end",
        "orgraph.relationship",
        "orgraph.relationship_type",
        "orgraph.step",
        "orgraph.step_backward",
        "orgraph.step_forward",
    ];
    assert_eq!(readable, expected);

    for statement in [
        "SELECT * FROM orgraph.entity",
        "SELECT * FROM orgraph.relationship",
        "SELECT * FROM orgraph.coverage",
        "SELECT * FROM orgraph.account",
        "SELECT * FROM orgraph.gap",
        "SELECT state FROM orgraph.aws_instance",
        "SELECT * FROM orgraph.entity_at(now())",
        "SELECT * FROM orgraph.relationship_at(now())",
        "SELECT * FROM orgraph.loose_end",
        "SELECT * FROM orgraph.relationship_type",
        "SELECT * FROM orgraph.step",
        "SELECT * FROM orgraph.step_backward",
        "SELECT * FROM orgraph.step_forward",
        "SELECT * FROM orgraph.step_at(now())",
        "SELECT * FROM orgraph.changes(now() - interval '1 day', now())",
        "SELECT orgraph.entity_id('a')",
        "BEGIN READ ONLY; SELECT * FROM orgraph.changes(now() - interval '1 day', now()); COMMIT",
    ] {
        assert_eq!(code(&fixture, "orgraph_reader", statement).await, None, "{statement}");
    }
    for statement in [
        "SELECT * FROM orgraph_internal.entity",
        "SELECT * FROM orgraph_internal.entity_version",
        "SELECT * FROM orgraph_internal.step_version",
        "SELECT * FROM orgraph_internal.account_lease",
        "SELECT orgraph_internal.drop_history('2000-01-01')",
        "DELETE FROM orgraph.entity",
        "UPDATE orgraph.entity SET region = ''",
        "CREATE TABLE orgraph.mine (a int)",
        "CREATE VIEW orgraph.mine AS SELECT 1",
    ] {
        assert_eq!(
            code(&fixture, "orgraph_reader", statement).await.as_deref(),
            Some("42501"),
            "{statement}"
        );
    }
}

#[tokio::test]
async fn the_writer_cannot_touch_history_nor_empty_or_drop_anything() {
    let fixture = loaded().await;
    let month: String =
        fixture.value("SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY_MM')").await;

    for statement in [
        "INSERT INTO orgraph_internal.entity_history SELECT * FROM orgraph_internal.entity_history",
        "UPDATE orgraph_internal.entity_history SET reason = 'x'",
        "DELETE FROM orgraph_internal.entity_history",
        "DELETE FROM orgraph_internal.relationship_history",
        &format!("DELETE FROM orgraph_internal.entity_history_{month}"),
        &format!(
            "INSERT INTO orgraph_internal.entity_history_{month} SELECT * FROM orgraph_internal.entity_history"
        ),
        "TRUNCATE orgraph_internal.entity",
        "TRUNCATE orgraph_internal.partition CASCADE",
        "DROP TABLE orgraph_internal.entity",
        "ALTER TABLE orgraph_internal.entity DISABLE TRIGGER ALL",
        "DROP VIEW orgraph.entity",
        "CREATE TABLE orgraph_internal.mine (a int)",
        "DELETE FROM orgraph_internal._sqlx_migrations",
        "UPDATE orgraph_internal.relationship_type SET name = 'x'",
        // Without naming its partition a writer changes nothing, which catches a forgotten WHERE.
        "DELETE FROM orgraph_internal.entity",
        "UPDATE orgraph_internal.relationship SET properties = NULL",
        "SELECT orgraph_internal.drop_history(now())",
    ] {
        assert_eq!(
            code(&fixture, "orgraph_writer", statement).await.as_deref(),
            Some("42501"),
            "{statement}"
        );
    }
    let history: i64 = fixture.value("SELECT count(*) FROM orgraph_internal.entity_history").await;
    assert_eq!(history, 1, "the trigger wrote what the writer could not");
    assert_eq!(code(&fixture, "orgraph_writer", "SELECT * FROM orgraph_internal.entity_history").await, None);
}

#[tokio::test]
async fn nobody_truncates_not_even_the_owner() {
    let fixture = loaded().await;
    let month: String =
        fixture.value("SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY_MM')").await;
    let month = format!("entity_history_{month}");
    let tables = [
        "entity",
        "relationship",
        "contribution",
        "reference",
        "entity_history",
        "relationship_history",
        "entity_history_default",
        &month,
    ];
    for table in tables {
        let statement = format!("TRUNCATE orgraph_internal.{table}");
        for role in ["orgraph_owner", "NONE"] {
            assert_eq!(
                code(&fixture, role, &statement).await.as_deref(),
                Some("42501"),
                "{role}: {statement}"
            );
        }
    }
}

#[tokio::test]
async fn everything_on_the_surface_and_every_table_is_described() {
    let fixture = loaded().await;

    let silent = fixture
        .column(
            "SELECT c.oid::regclass::text FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
             WHERE ((n.nspname = 'orgraph' AND c.relkind = 'v') OR (n.nspname = 'orgraph_internal' AND c.relkind IN ('r', 'p')))
               AND NOT c.relispartition AND c.relname <> '_sqlx_migrations' AND obj_description(c.oid, 'pg_class') IS NULL
             UNION ALL
             SELECT p.oid::regprocedure::text FROM pg_proc AS p
             WHERE p.pronamespace = 'orgraph'::regnamespace AND obj_description(p.oid, 'pg_proc') IS NULL",
        )
        .await;

    assert!(silent.is_empty(), "{silent:?}");
}

#[tokio::test]
async fn migrating_again_changes_nothing_and_a_newer_schema_is_refused() {
    let fixture = Fixture::new().await;
    migrate(fixture.db.url()).await.unwrap();

    sqlx::query(
        "INSERT INTO orgraph_internal._sqlx_migrations (version, description, success, checksum, execution_time)
         VALUES (9999, 'later', true, '', 0)",
    )
    .execute(&fixture.db.pool())
    .await
    .unwrap();

    let refused = |error: StoreError| matches!(error, StoreError::SchemaNewer { found: 9999, .. });
    assert!(refused(migrate(fixture.db.url()).await.unwrap_err()));
    assert!(refused(Store::connect(fixture.db.url(), &ConnectSettings::default()).await.unwrap_err()));
}

#[tokio::test]
async fn a_store_that_only_reads_cannot_write_and_does_not_wait() {
    let fixture = loaded().await;
    let settings = ConnectSettings {
        reads_within: Some(std::time::Duration::from_millis(300)),
        ..ConnectSettings::default()
    };
    let store = Store::connect(fixture.db.url(), &settings).await.unwrap();
    let code = |error: sqlx::Error| error.as_database_error().unwrap().code().unwrap().into_owned();

    let read = store.coverage().await;
    let written = store.claim_lease(&account(2), "test", TimeDelta::minutes(5)).await;
    let updated = sqlx::query("UPDATE orgraph_internal.account SET name = 'x'").execute(store.pool()).await;
    let slept = sqlx::query("SELECT pg_sleep(600)").execute(store.pool()).await;

    assert_eq!(read.unwrap().len(), 1);
    assert!(written.is_err());
    assert_eq!(code(updated.unwrap_err()), "25006", "read_only_sql_transaction");
    assert_eq!(code(slept.unwrap_err()), "57014", "query_canceled");
}

#[tokio::test]
async fn an_empty_database_is_migrated_first() {
    let db = orgraph_testkit::db().await;

    let error = Store::connect(db.url(), &ConnectSettings::default()).await.unwrap_err();

    assert!(matches!(error, StoreError::SchemaOlder { found: 0, .. }), "{error}");
}

#[tokio::test]
async fn several_daemons_migrate_at_once() {
    let db = orgraph_testkit::db().await;
    let migrations: Vec<_> = (0..4)
        .map(|_| {
            let url = db.url().to_owned();
            tokio::spawn(async move { migrate(&url).await })
        })
        .collect();
    for migration in migrations {
        migration.await.unwrap().unwrap();
    }

    let store = Store::connect(db.url(), &ConnectSettings::default()).await.unwrap();
    assert!(store.claim_lease(&account(1), "a", TimeDelta::minutes(1)).await.unwrap().is_some());
}

#[tokio::test]
async fn a_login_role_needs_no_more_than_to_own_its_database() {
    let db = orgraph_testkit::db().await;
    let admin = db.pool();
    let role = format!("daemon_{}", uuid::Uuid::new_v4().simple());
    // The roles exist already, as where an administrator prepared them.
    migrate(orgraph_testkit::db().await.url()).await.unwrap();
    let script =
        format!("CREATE ROLE {role} LOGIN PASSWORD 'x'; ALTER DATABASE {} OWNER TO {role}", db.name());
    sqlx::raw_sql(AssertSqlSafe(script)).execute(&admin).await.unwrap();
    let (scheme, rest) = db.url().split_once("://").unwrap();
    let (_, server) = rest.split_once('@').unwrap();
    let url = format!("{scheme}://{role}:x@{server}");

    let refused = migrate(&url).await.unwrap_err();
    assert!(matches!(refused, StoreError::Privilege { .. }), "{refused}");

    let grant = format!("GRANT orgraph_owner, orgraph_writer TO {role}");
    sqlx::raw_sql(AssertSqlSafe(grant)).execute(&admin).await.unwrap();
    migrate(&url).await.unwrap();
    let store = Store::connect(&url, &ConnectSettings::default()).await.unwrap();
    assert!(store.claim_lease(&account(1), "a", TimeDelta::minutes(1)).await.unwrap().is_some());
    store.replace_type_views(&[]).await.unwrap();

    store.close().await;
    let script = format!("ALTER DATABASE {} OWNER TO CURRENT_USER; DROP ROLE {role}", db.name());
    sqlx::raw_sql(AssertSqlSafe(script)).execute(&admin).await.unwrap();
}
