//! Words for the tests: a store in a database of its own, and snapshots in one line.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use orgraph_model::{
    AccountId, Entity, EntityType, Gap, GapKind, Key, Outcome, Partition, Properties, Region, Relationship,
    Snapshot, Source, Status, Verb,
};
use orgraph_spill::{MemoryLimits, Spill};
use orgraph_store::{Applied, ConnectSettings, GuardSettings, Lease, Store, StoreError, migrate};
use orgraph_testkit::TestDb;
use serde_json::Value;
use sqlx::AssertSqlSafe;
use sqlx::postgres::PgRow;

pub(crate) struct Fixture {
    pub(crate) db: TestDb,
    pub(crate) store: Store,
    pub(crate) guard: GuardSettings,
    /// Whether the rows of every snapshot are set aside, as those of very large ones are.
    pub(crate) spills: bool,
}

impl Fixture {
    pub(crate) async fn new() -> Self {
        let db = orgraph_testkit::db_with("store", async |url| Ok(migrate(&url).await?)).await;
        let store = Store::connect(db.url(), &ConnectSettings::default()).await.unwrap();
        Self { db, store, guard: GuardSettings::default(), spills: false }
    }

    /// One database for snapshots in memory, and one for snapshots whose rows are set aside.
    pub(crate) async fn both() -> [Self; 2] {
        [Self::new().await, Self { spills: true, ..Self::new().await }]
    }

    pub(crate) async fn lease(&self, account: &AccountId) -> Lease {
        self.store
            .claim_lease(account, "test", TimeDelta::minutes(5))
            .await
            .unwrap()
            .expect("nobody holds it")
    }

    pub(crate) async fn reconcile(&self, lease: &Lease, snapshot: Snapshot) -> Applied {
        self.try_reconcile(lease, snapshot).await.unwrap()
    }

    pub(crate) async fn try_reconcile(
        &self,
        lease: &Lease,
        snapshot: Snapshot,
    ) -> Result<Applied, StoreError> {
        let snapshot = if self.spills && snapshot.spilled.is_none() { spilled(snapshot) } else { snapshot };
        self.store.reconcile(lease, &snapshot, &self.guard).await
    }

    /// One value, as the superuser.
    pub(crate) async fn value<T>(&self, query: &str) -> T
    where
        T: Send + Unpin + for<'r> sqlx::Decode<'r, sqlx::Postgres> + sqlx::Type<sqlx::Postgres>,
    {
        sqlx::query_scalar(AssertSqlSafe(query.to_owned())).fetch_one(&self.db.pool()).await.unwrap()
    }

    /// One column, as the superuser.
    pub(crate) async fn column(&self, query: &str) -> Vec<String> {
        sqlx::query_scalar(AssertSqlSafe(query.to_owned())).fetch_all(&self.db.pool()).await.unwrap()
    }

    /// Rows, as the superuser.
    pub(crate) async fn rows<T>(&self, query: &str) -> Vec<T>
    where
        T: Send + Unpin + for<'r> sqlx::FromRow<'r, PgRow>,
    {
        sqlx::query_as(AssertSqlSafe(query.to_owned())).fetch_all(&self.db.pool()).await.unwrap()
    }

    /// The keys of all entities, in order.
    pub(crate) async fn keys(&self) -> Vec<String> {
        self.column("SELECT _key FROM orgraph.entity ORDER BY _key COLLATE \"C\"").await
    }

    pub(crate) async fn now(&self) -> DateTime<Utc> {
        self.store.now().await.unwrap()
    }

    /// Where the log ends, all of it on disk.
    pub(crate) async fn log_end(&self) -> String {
        self.rows::<(String,)>("SELECT pg_logical_emit_message(true, 'orgraph', '')::text").await;
        self.value("SELECT pg_current_wal_flush_lsn()::text").await
    }

    /// How many bytes of log were written for this database alone since `begin`: tests share the server.
    pub(crate) async fn log_bytes_since(&self, begin: &str) -> i64 {
        let end = self.log_end().await;
        sqlx::raw_sql("CREATE EXTENSION IF NOT EXISTS pg_walinspect").execute(&self.db.pool()).await.unwrap();
        self.value(&format!(
            "WITH record AS MATERIALIZED (
               SELECT r.xid::text AS xid, r.record_length, r.block_ref LIKE '%/' || d.oid || '/%' AS is_mine
               FROM pg_get_wal_records_info('{begin}', '{end}') AS r, pg_database AS d WHERE d.datname = current_database()
             )
             SELECT sum(r.record_length)::bigint FROM record AS r
             WHERE r.is_mine OR (r.xid <> '0' AND r.xid IN (SELECT m.xid FROM record AS m WHERE m.is_mine))"
        ))
        .await
    }
}

/// The same snapshot with its rows and gaps in a temporary file.
pub(crate) fn spilled(mut snapshot: Snapshot) -> Snapshot {
    let mut spill = Spill::new(&MemoryLimits::default().folder).unwrap();
    snapshot.entities.drain(..).for_each(|it| spill.entity(&it).unwrap());
    snapshot.relationships.drain(..).for_each(|it| spill.relationship(&it).unwrap());
    snapshot.references.drain(..).for_each(|it| spill.reference(&it).unwrap());
    snapshot.gaps.drain(..).for_each(|it| spill.gap(&it).unwrap());
    snapshot.spilled = Some(Arc::new(spill.finish().unwrap()));
    snapshot
}

pub(crate) fn account(number: u64) -> AccountId {
    format!("{number:012}").parse().unwrap()
}

pub(crate) fn region() -> Region {
    "eu-west-1".parse().unwrap()
}

pub(crate) fn partition(account: &AccountId, collector: &str) -> Partition {
    Partition { account: account.clone(), region: region(), collector: collector.to_owned() }
}

/// A time that is over whatever the clock says, `seconds` after another such time.
pub(crate) fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_700_000_000 + seconds, 0).unwrap()
}

pub(crate) fn entity(account: &AccountId, entity_type: EntityType, key: &str, properties: Value) -> Entity {
    let Value::Object(properties) = properties else { panic!("properties are an object") };
    Entity {
        key: Key::from(key),
        entity_type,
        source: Source::Integration,
        account: account.clone(),
        region: region(),
        name: Some(key.to_owned()),
        display_name: Some(key.to_owned()),
        properties,
        tags: Properties::new(),
        volatile: &["lastUsedOn"],
    }
}

pub(crate) fn relationship(from: (EntityType, &str), verb: Verb, to: (EntityType, &str)) -> Relationship {
    Relationship {
        from: from.0.at(from.1),
        verb,
        to: to.0.at(to.1),
        discriminator: String::new(),
        properties: Properties::new(),
    }
}

pub(crate) fn snapshot(partition: &Partition, seconds: i64, entities: Vec<Entity>) -> Snapshot {
    Snapshot {
        entities,
        calls: 3,
        duration_ms: 17,
        ..Snapshot::without_rows(partition.clone(), at(seconds), Outcome::complete())
    }
}

pub(crate) fn ended(partition: &Partition, seconds: i64, status: Status) -> Snapshot {
    Snapshot::without_rows(partition.clone(), at(seconds), Outcome::because(status, "because"))
}

pub(crate) fn gap(kind: GapKind, key: Option<&str>, properties: &[&str]) -> Gap {
    Gap {
        kind,
        key: key.map(Key::from),
        operation: "DescribeThing".to_owned(),
        properties: properties.iter().map(|it| (*it).to_owned()).collect(),
        status: Status::DeniedIam,
        reason: "not allowed".to_owned(),
    }
}

/// The same snapshot with gaps, and so partial.
pub(crate) fn with_gaps(mut snapshot: Snapshot, gaps: Vec<Gap>) -> Snapshot {
    snapshot.outcome = Outcome::because(Status::Partial, "gaps");
    snapshot.gaps = gaps;
    snapshot
}
