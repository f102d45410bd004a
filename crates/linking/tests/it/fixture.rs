//! Words for the tests: partitions in one line, and the run of all linkers of an account as the daemon does it.

use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, TimeDelta, Utc};
use orgraph_link::{LINKERS, Settings};
use orgraph_linking::{Account, Count, Linking, Origin, Step, Writers};
use orgraph_model::declare::rel;
use orgraph_model::vocabulary as types;
use orgraph_model::{
    AccountId, Entity, EntityType, Gap, GapKind, Key, Outcome, Partition, Properties, Region, Snapshot,
    Source, Status, Verb,
};
use orgraph_store::{Applied, ConnectSettings, Count as Rows, GuardSettings, Lease, Store, migrate};
use orgraph_testkit::TestDb;
use serde_json::Value;

pub(crate) struct Fixture {
    pub(crate) store: Store,
    pub(crate) settings: Settings,
    pub(crate) guard: GuardSettings,
    writers: Writers,
    seconds: AtomicI64,
    db: TestDb,
}

/// What a run of the linkers did, by their names.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Run {
    pub(crate) unchanged: Vec<&'static str>,
    pub(crate) computed: Vec<&'static str>,
}

impl Fixture {
    pub(crate) async fn new() -> Self {
        let db = orgraph_testkit::db_with("linking", async |url| Ok(migrate(&url).await?)).await;
        let store = Store::connect(db.url(), &ConnectSettings::default()).await.unwrap();
        let guard = GuardSettings { enabled: false, ..GuardSettings::default() };
        let settings = Settings::default();
        Self { store, settings, guard, writers: writers(), seconds: AtomicI64::new(0), db }
    }

    pub(crate) async fn lease(&self, account: &AccountId) -> Lease {
        self.store.claim_lease(account, "test", TimeDelta::minutes(30)).await.unwrap().unwrap()
    }

    /// Later with every call, and over whatever the clock says.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        let seconds = self.seconds.fetch_add(1, Ordering::Relaxed);
        DateTime::from_timestamp(1_700_000_000 + seconds, 0).unwrap()
    }

    /// A run of a collector that ended so.
    pub(crate) async fn put(&self, lease: &Lease, collector: &str, status: Status, entities: Vec<Entity>) {
        let partition = Partition {
            account: lease.account.clone(),
            region: Region::global(),
            collector: collector.to_owned(),
        };
        let outcome = match status {
            Status::Complete => Outcome::complete(),
            other => Outcome::because(other, "because"),
        };
        let mut snapshot = Snapshot::without_rows(partition, self.now(), outcome);
        if status == Status::Partial {
            snapshot.gaps.push(Gap {
                kind: GapKind::Listing,
                key: None,
                operation: "ListThings".to_owned(),
                properties: Vec::new(),
                status: Status::DeniedIam,
                reason: "not allowed".to_owned(),
            });
        }
        if status.has_rows() {
            snapshot.entities = entities;
        }
        self.store.reconcile(lease, &snapshot, &self.guard).await.unwrap();
    }

    pub(crate) fn linking(&self) -> Linking<'_> {
        Linking { store: &self.store, writers: &self.writers, settings: &self.settings }
    }

    async fn account(&self, lease: &Lease) -> Account {
        self.linking().account(&lease.account, LINKERS).await.unwrap()
    }

    /// Runs all linkers of the account.
    pub(crate) async fn run(&self, lease: &Lease) -> Run {
        self.run_counting(lease).await.0
    }

    /// The same, with how many policies were computed.
    pub(crate) async fn run_counting(&self, lease: &Lease) -> (Run, Option<Count>) {
        let (mut run, mut policies, mut confirmed) = (Run::default(), None, Vec::new());
        let begun = self.now();
        let mut account = self.account(lease).await;
        for linker in LINKERS {
            match self.linking().step(&account, linker, self.now()).await.unwrap() {
                Step::Nothing => {}
                Step::Unchanged(partition, _) => {
                    confirmed.push(partition.collector);
                    run.unchanged.push(linker.name);
                }
                Step::Linked(given) => {
                    let applied = self
                        .store
                        .reconcile_but(lease, &given.snapshot, &given.kept, &self.guard)
                        .await
                        .unwrap();
                    let collector = &given.snapshot.partition.collector;
                    if applied.held.is_none() && applied.skipped_foreign == 0 {
                        self.store.record_link_input(lease, collector, &given.input.unwrap()).await.unwrap();
                    }
                    policies = policies.or((linker.name == "policies").then_some(given.computed));
                    run.computed.push(linker.name);
                    account = self.account(lease).await;
                }
            }
        }
        self.store.confirm_links(lease, &confirmed, begun).await.unwrap();
        (run, policies)
    }

    /// Computes everything anew, and gives what that would still write, by the names of linkers.
    pub(crate) async fn missing(&self, lease: &Lease) -> Vec<(&'static str, Applied)> {
        let account = self.account(lease).await.forgetful();
        let mut missing = Vec::new();
        for linker in LINKERS {
            let Step::Linked(given) = self.linking().step(&account, linker, self.now()).await.unwrap() else {
                continue;
            };
            assert_eq!(given.computed.of_these, given.computed.all, "{}", linker.name);
            let applied = self.store.reconcile(lease, &given.snapshot, &self.guard).await.unwrap();
            // Where something is not known, rows stay that nobody names any more.
            let is_partial = given.snapshot.outcome.status == Status::Partial;
            let is_news = [applied.created, applied.changed, applied.removed] != [Rows::default(); 3];
            if is_news || (!applied.unchanged && !is_partial) {
                missing.push((linker.name, applied));
            }
        }
        missing
    }

    /// The stored ends of what a linker gave, as `from to`, in order.
    pub(crate) async fn linked(&self, account: &AccountId, verb: &str) -> Vec<String> {
        sqlx::query_scalar(
            "SELECT r.from_key || ' ' || r.to_key FROM orgraph_internal.relationship AS r
             JOIN orgraph_internal.partition AS p ON p.partition_id = r.partition_id
             JOIN orgraph_internal.relationship_type AS t ON t.rel_type = r.rel_type
             WHERE p.account_id = $1 AND t.verb = $2 ORDER BY 1",
        )
        .bind(account.as_str())
        .bind(verb)
        .fetch_all(&self.db.pool())
        .await
        .unwrap()
    }

    pub(crate) async fn execute(&self, statement: &'static str) {
        sqlx::raw_sql(statement).execute(&self.db.pool()).await.unwrap();
    }
}

/// Who writes what, as far as the tests have it.
fn writers() -> Writers {
    let mut writers = Writers::default();
    let iam = [types::AWS_IAM, types::AWS_IAM_ROLE, types::AWS_IAM_POLICY, types::AWS_IAM_USER];
    writers.add("iam", iam, &[], Origin::Aws);
    writers.add("queues", [types::AWS_SQS_QUEUE], &[], Origin::Aws);
    let open = rel(types::AWS_S3_BUCKET, Verb::Allows, types::EVERYONE);
    writers.add("buckets", [types::AWS_S3_BUCKET], &[open], Origin::Aws);
    writers.add("networks", [types::AWS_VPC, types::AWS_SECURITY_GROUP, types::AWS_SUBNET], &[], Origin::Aws);
    writers.add("zones", [types::AWS_ROUTE53_ZONE, types::AWS_ROUTE53_RECORD], &[], Origin::Aws);
    writers.add("instances", [types::AWS_INSTANCE], &[], Origin::Aws);
    writers.add("trails", [types::AWS_CLOUDTRAIL], &[], Origin::Aws);
    writers.add("organization", [types::AWS_ACCOUNT], &[], Origin::Aws);
    writers.add("roster:people", [types::PERSON], &[], Origin::File);
    for linker in LINKERS {
        let entities = linker.entities.iter().map(|it| it.entity_type);
        writers.add(format!("link:{}", linker.name), entities, linker.relationships, Origin::Linker);
    }
    writers
}

pub(crate) fn account(number: u64) -> AccountId {
    format!("{number:012}").parse().unwrap()
}

pub(crate) fn entity(account: &AccountId, entity_type: EntityType, key: &str, properties: Value) -> Entity {
    let Value::Object(mut properties) = properties else { panic!("properties are an object") };
    properties.insert("accountId".to_owned(), account.as_str().into());
    Entity {
        key: Key::from(key),
        entity_type,
        source: Source::Integration,
        account: account.clone(),
        region: Region::global(),
        name: Some(key.to_owned()),
        display_name: Some(key.to_owned()),
        properties,
        tags: Properties::new(),
        volatile: &[],
    }
}
