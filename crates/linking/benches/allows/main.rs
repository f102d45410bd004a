//! How long it takes to find what the policies of a large organization allow, and how long to see that nothing
//! changed. Facts come from PostgreSQL and relationships go there; the memory is that of this program, not of the
//! server. `ORGRAPH_BENCH_ACCOUNTS` makes it smaller.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark prints, and stops at the first surprise"
)]

mod organization;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use orgraph_link::{LINKERS, Linker, Settings};
use orgraph_linking::{Linking, Origin, Step, Writers};
use orgraph_model::declare::rel;
use orgraph_model::vocabulary as types;
use orgraph_model::{Entity, Outcome, Partition, Region, Snapshot, Verb};
use orgraph_store::{ConnectSettings, GuardSettings, Lease, Store, migrate};
use sqlx::{AssertSqlSafe, PgPool};

use organization::{ACCOUNTS, REGIONS, RESOURCES, account, principals};

const CONNECTIONS: usize = 2;
/// Partitions that a real account has and that are empty: most services are not used in most regions.
const EMPTY_PARTITIONS: usize = 250;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let accounts =
        std::env::var("ORGRAPH_BENCH_ACCOUNTS").ok().and_then(|it| it.parse().ok()).unwrap_or(ACCOUNTS);
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    println!("{accounts} accounts; load of the machine before: {}", load.trim());
    let bench = Arc::new(Bench::new(accounts).await);
    println!("{:<46} {:>9} {:>9} {:>12} {:>8}", "", "seconds", "CPU s", "rows", "peak MB");

    bench.report("load", Bench::load).await;
    bench.vacuum().await;
    println!(
        "{:<46} {:>42}",
        "",
        format!(
            "{} entities, {} roles, {} policies, {} partitions",
            bench.count("entity").await,
            bench.count("entity AS e WHERE e.type = 'aws_iam_role'").await,
            bench.count("entity AS e WHERE e.type LIKE 'aws_iam%policy'").await,
            bench.count("partition").await
        )
    );
    let policies: &'static [&'static Linker] = linkers(|it| it.name == "policies");
    let others: &'static [&'static Linker] = linkers(|it| it.name != "policies");
    bench.report("ALLOWS of all policies: read and compute", move |it, n| it.link(n, policies, false)).await;
    bench
        .report("ALLOWS of all policies: read, compute, write", move |it, n| it.link(n, policies, true))
        .await;
    bench.report("all other linkers, likewise", move |it, n| it.link(n, others, true)).await;
    bench.report("services, which follow from the others", move |it, n| it.link(n, LINKERS, true)).await;
    bench.vacuum().await;
    bench.report("nothing changed: every linker of every account", Bench::unchanged).await;
    bench.report("nothing changed, once more", Bench::unchanged).await;
    bench.change().await;
}

fn linkers(keep: fn(&Linker) -> bool) -> &'static [&'static Linker] {
    LINKERS.iter().copied().filter(|it| keep(it)).collect::<Vec<_>>().leak()
}

struct Bench {
    store: Store,
    admin: PgPool,
    writers: Writers,
    settings: Settings,
    leases: Vec<Lease>,
    clock: AtomicU64,
    _db: orgraph_testkit::TestDb,
}

impl Bench {
    async fn new(accounts: usize) -> Self {
        let db = orgraph_testkit::db_with("allows", async |url| Ok(migrate(&url).await?)).await;
        let store = Store::connect(db.url(), &ConnectSettings::default()).await.unwrap();
        let mut leases = Vec::new();
        for number in 0..accounts {
            let lease = store.claim_lease(&account(number), "bench", TimeDelta::hours(9)).await.unwrap();
            leases.push(lease.unwrap());
        }
        let (admin, settings) = (db.pool(), Settings::default());
        Self { store, admin, writers: writers(), settings, leases, clock: AtomicU64::new(0), _db: db }
    }

    /// Does something for each account, two at a time, and says what it took and how many rows it was about.
    async fn report<F, R>(self: &Arc<Self>, what: &str, of_account: F)
    where
        F: Fn(Arc<Self>, usize) -> R + Send + Sync + Clone + 'static,
        R: Future<Output = usize> + Send + 'static,
    {
        forget_peak();
        let next = Arc::new(AtomicUsize::new(0));
        let (begun, cpu) = (Instant::now(), on_processor());
        let workers: Vec<_> = (0..CONNECTIONS)
            .map(|_| {
                let (bench, next, of_account) = (Arc::clone(self), Arc::clone(&next), of_account.clone());
                tokio::spawn(async move {
                    let mut rows = 0;
                    loop {
                        let number = next.fetch_add(1, Ordering::Relaxed);
                        if number >= bench.leases.len() {
                            return rows;
                        }
                        rows += of_account(Arc::clone(&bench), number).await;
                    }
                })
            })
            .collect();
        let mut rows = 0;
        for worker in workers {
            rows += worker.await.unwrap();
        }
        let elapsed = begun.elapsed().as_secs_f64();
        let cpu = on_processor().saturating_sub(cpu).as_secs_f64();
        println!("{what:<46} {elapsed:>9.2} {cpu:>9.2} {rows:>12} {:>8}", peak_mb());
    }

    fn now(&self) -> DateTime<Utc> {
        let seconds = self.clock.fetch_add(1, Ordering::Relaxed);
        DateTime::from_timestamp(1_700_000_000 + i64::try_from(seconds).unwrap(), 0).unwrap()
    }

    async fn load(self: Arc<Self>, number: usize) -> usize {
        let lease = &self.leases[number];
        let mut rows = self.put(lease, "iam_authorization", "global", principals(number)).await;
        for resource in &RESOURCES {
            let regions = if resource.is_regional { &REGIONS[..] } else { &["global"] };
            for (at, region) in regions.iter().enumerate() {
                rows += self.put(lease, resource.collector, region, resource.entities(number, at)).await;
            }
        }
        let empty = format!(
            "INSERT INTO orgraph_internal.partition (account_id, region, collector, status, seq, digest, last_started_at)
             SELECT '{}', 'eu-west-1', 'unused_' || n, 'complete', 1, md5('')::uuid, now()
             FROM generate_series(1, {EMPTY_PARTITIONS}) AS n",
            lease.account
        );
        sqlx::raw_sql(AssertSqlSafe(empty)).execute(&self.admin).await.unwrap();
        rows
    }

    async fn put(&self, lease: &Lease, collector: &str, region: &str, entities: Vec<Entity>) -> usize {
        let partition = Partition {
            account: lease.account.clone(),
            region: region.parse::<Region>().unwrap(),
            collector: collector.to_owned(),
        };
        let rows = entities.len();
        let snapshot =
            Snapshot { entities, ..Snapshot::without_rows(partition, self.now(), Outcome::complete()) };
        self.store.reconcile(lease, &snapshot, &GuardSettings::default()).await.unwrap();
        rows
    }

    fn linking(&self) -> Linking<'_> {
        Linking { store: &self.store, writers: &self.writers, settings: &self.settings }
    }

    async fn link(
        self: Arc<Self>,
        number: usize,
        linkers: &'static [&'static Linker],
        writes: bool,
    ) -> usize {
        let lease = &self.leases[number];
        let linking = self.linking();
        let account = linking.account(&lease.account, linkers).await.unwrap();
        let mut rows = 0;
        for linker in linkers {
            let Step::Linked(given) = linking.step(&account, linker, self.now()).await.unwrap() else {
                continue;
            };
            rows += given.snapshot.relationships.len();
            if writes {
                let partition = &given.snapshot.partition;
                let guard = GuardSettings::default();
                self.store.reconcile_but(lease, &given.snapshot, &given.kept, &guard).await.unwrap();
                let input = given.input.unwrap();
                self.store.record_link_input(lease, &partition.collector, &input).await.unwrap();
            }
        }
        rows
    }

    async fn unchanged(self: Arc<Self>, number: usize) -> usize {
        let lease = &self.leases[number];
        let linking = self.linking();
        let account = linking.account(&lease.account, LINKERS).await.unwrap();
        let begun = self.now();
        let mut same = Vec::new();
        for linker in LINKERS {
            match linking.step(&account, linker, begun).await.unwrap() {
                Step::Nothing => {}
                Step::Unchanged(partition, _) => same.push(partition.collector),
                Step::Linked(given) => panic!("{} was computed anew", given.snapshot.partition),
            }
        }
        self.store.confirm_links(lease, &same, begun).await.unwrap();
        same.len()
    }

    /// What one account costs after one of its queues has gone and one of its policies says something else.
    async fn change(self: &Arc<Self>) {
        let lease = &self.leases[0];
        let queues = &RESOURCES[1];
        let mut fewer = queues.entities(0, 0);
        fewer.pop();
        self.put(lease, queues.collector, REGIONS[0], fewer).await;
        self.report_one("one queue has gone").await;
        let mut changed = principals(0);
        let policy = changed.iter_mut().find(|it| it.entity_type == types::AWS_IAM_POLICY).unwrap();
        policy.properties.remove("policyDocument");
        self.put(lease, "iam_authorization", "global", changed).await;
        self.report_one("one policy says something else").await;
    }

    async fn report_one(self: &Arc<Self>, what: &str) {
        let begun = Instant::now();
        let rows = Arc::clone(self).link(0, linkers(|it| it.name == "policies"), true).await;
        let elapsed = begun.elapsed().as_secs_f64();
        println!("{:<46} {elapsed:>9.3} {:>9} {rows:>12}", format!("in one account {what}"), "");
    }

    async fn vacuum(&self) {
        sqlx::raw_sql("VACUUM ANALYZE orgraph_internal.entity").execute(&self.admin).await.unwrap();
        sqlx::raw_sql("VACUUM ANALYZE orgraph_internal.partition").execute(&self.admin).await.unwrap();
    }

    async fn count(&self, of: &str) -> i64 {
        let query = format!("SELECT count(*) FROM orgraph_internal.{of}");
        sqlx::query_scalar(AssertSqlSafe(query)).fetch_one(&self.admin).await.unwrap()
    }
}

/// Who writes what, as far as the organization has it.
fn writers() -> Writers {
    let mut writers = Writers::default();
    let principals = [types::AWS_IAM_ROLE, types::AWS_IAM_POLICY, types::AWS_IAM_ROLE_POLICY];
    writers.add("iam_authorization", principals, &[], Origin::Aws);
    for resource in &RESOURCES {
        let open = rel(types::AWS_S3_BUCKET, Verb::Allows, types::EVERYONE);
        let open = if resource.entity_type == types::AWS_S3_BUCKET { &[open][..] } else { &[] };
        writers.add(resource.collector, [resource.entity_type], open, Origin::Aws);
    }
    for unused in 1..=EMPTY_PARTITIONS {
        writers.add(format!("unused_{unused}"), [], &[], Origin::Aws);
    }
    for linker in LINKERS {
        let entities = linker.entities.iter().map(|it| it.entity_type);
        writers.add(format!("link:{}", linker.name), entities, linker.relationships, Origin::Linker);
    }
    writers
}

/// How long the threads of this program have had a processor.
fn on_processor() -> Duration {
    let threads = std::fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    let told = threads.filter_map(|it| std::fs::read_to_string(it.path().join("schedstat")).ok());
    let nanoseconds = told.filter_map(|it| it.split(' ').next()?.parse::<u64>().ok()).sum();
    Duration::from_nanos(nanoseconds)
}

/// Makes the kernel measure the peak of memory from now on.
fn forget_peak() {
    let _ = std::fs::write("/proc/self/clear_refs", "5");
}

fn peak_mb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|it| it.strip_prefix("VmHWM:")).unwrap_or_default();
    line.split_whitespace().next().and_then(|it| it.parse::<u64>().ok()).unwrap_or_default() / 1024
}
