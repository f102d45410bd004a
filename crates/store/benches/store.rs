//! How fast the store is, as a ratio to raw COPY of the same rows into identical tables in the same run, so that the
//! figures mean the same on every machine. `ORGRAPH_BENCH_PARTITIONS` sets the size.
//!
//! Beside the time on the clock there is the time that processors worked, here and in the server, which other programs
//! on the machine disturb far less.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark prints, and stops at the first surprise"
)]

use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use orgraph_model::vocabulary::{AWS_ENI, AWS_INSTANCE, AWS_SECURITY_GROUP, AWS_SUBNET, AWS_VPC};
use orgraph_model::{
    AccountId, Entity, EntityType, Outcome, Partition, Properties, Ref, Region, Relationship, Snapshot,
    Source, Verb,
};
use orgraph_store::{ConnectSettings, GuardSettings, Lease, Store, migrate};
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, PgPool};

/// The mix that was met in large organizations: 51 entities and 181 relationships in a partition on average.
const ENTITIES: usize = 51;
const RELATIONSHIPS: usize = 181;
const PARTITIONS_OF_ACCOUNT: usize = 20;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let partitions =
        std::env::var("ORGRAPH_BENCH_PARTITIONS").ok().and_then(|it| it.parse().ok()).unwrap_or(400);
    let rows = partitions * (ENTITIES + RELATIONSHIPS);
    println!("{partitions} partitions, {rows} rows");
    println!(
        "{:<34} {:>9} {:>12} {:>12} {:>9} {:>12} {:>10}",
        "", "seconds", "rows/s", "of raw COPY", "CPU s", "of raw COPY", "WAL MB"
    );
    for connections in [1, 4] {
        let bench = Bench::new(partitions).await;
        let first = bench.sync(0, connections).await;
        // The rows exist now, so the limit can be measured with exactly them.
        let limit = bench.raw_copy().await;
        report("raw COPY, identical tables", rows, &limit, &limit);
        report(&format!("first load, {connections} connections"), rows, &first, &limit);
        bench.sync(1, connections).await;
        let unchanged = bench.sync(2, connections).await;
        report(&format!("unchanged re-sync, {connections} connections"), rows, &unchanged, &limit);
        println!(
            "{:<34} {:>9} bytes",
            "  WAL of an unchanged partition",
            unchanged.wal / i64::try_from(partitions).unwrap()
        );
        let changed = bench.sync_with(3, connections, 100).await;
        report(&format!("1 % changed, {connections} connections"), rows, &changed, &limit);
    }
}

#[derive(Debug, Clone, Copy)]
struct Measure {
    wall: Duration,
    /// Of this process and of the server's processes for the database.
    cpu: Duration,
    wal: i64,
}

#[expect(clippy::cast_precision_loss, reason = "figures for people")]
fn report(what: &str, rows: usize, measure: &Measure, limit: &Measure) {
    let (seconds, cpu) = (measure.wall.as_secs_f64(), measure.cpu.as_secs_f64());
    let ratio = limit.wall.as_secs_f64() / seconds;
    let cpu_ratio = limit.cpu.as_secs_f64() / cpu;
    let wal = measure.wal as f64 / 1e6;
    println!(
        "{what:<34} {seconds:>9.2} {:>12.0} {ratio:>12.2} {cpu:>9.2} {cpu_ratio:>12.2} {wal:>10.2}",
        rows as f64 / seconds
    );
}

struct Bench {
    store: Store,
    admin: PgPool,
    snapshots: Vec<(Lease, Snapshot)>,
    _db: orgraph_testkit::TestDb,
}

impl Bench {
    async fn new(partitions: usize) -> Self {
        let db = orgraph_testkit::db_with("bench", async |url| Ok(migrate(&url).await?)).await;
        let store = Store::connect(db.url(), &ConnectSettings::default()).await.unwrap();
        let mut snapshots = Vec::new();
        for number in 0..partitions.div_ceil(PARTITIONS_OF_ACCOUNT) {
            let account: AccountId = format!("{number:012}").parse().unwrap();
            let lease = store.claim_lease(&account, "bench", TimeDelta::hours(1)).await.unwrap().unwrap();
            for collector in 0..PARTITIONS_OF_ACCOUNT.min(partitions - number * PARTITIONS_OF_ACCOUNT) {
                snapshots.push((lease.clone(), snapshot(&account, collector)));
            }
        }
        Self { store, admin: db.pool(), snapshots, _db: db }
    }

    async fn sync(&self, seconds: i64, connections: usize) -> Measure {
        self.sync_with(seconds, connections, usize::MAX).await
    }

    /// Writes all snapshots, with a change in every `changed`-th entity.
    async fn sync_with(&self, seconds: i64, connections: usize, changed: usize) -> Measure {
        let mut queues: Vec<Vec<(Lease, Snapshot)>> = vec![Vec::new(); connections];
        let mut counter = 0;
        for (number, (lease, snapshot)) in self.snapshots.iter().enumerate() {
            let mut snapshot = snapshot.clone();
            snapshot.started_at = at(seconds);
            for entity in &mut snapshot.entities {
                counter += 1;
                if counter % changed == 0 {
                    entity.properties.insert("state".to_owned(), json!("stopped"));
                }
            }
            queues[number % connections].push((lease.clone(), snapshot));
        }
        self.execute("CHECKPOINT").await;
        let (wal, cpu, begin) = (self.wal().await, self.cpu().await, Instant::now());
        let workers: Vec<_> = queues
            .into_iter()
            .map(|queue| {
                let store = self.store.clone();
                tokio::spawn(async move {
                    for (lease, snapshot) in &queue {
                        store.reconcile(lease, snapshot, &GuardSettings::default()).await.unwrap();
                    }
                    // Freeing what was collected is not what is measured.
                    queue
                })
            })
            .collect();
        let mut done = Vec::new();
        for worker in workers {
            done.push(worker.await.unwrap());
        }
        let wall = begin.elapsed();
        Measure { wall, cpu: self.cpu().await.saturating_sub(cpu), wal: self.wal().await - wal }
    }

    /// The limit: two statements that load the rows that are stored into tables with the same columns and indexes.
    async fn raw_copy(&self) -> Measure {
        let mut texts = Vec::new();
        for table in ["entity", "relationship"] {
            self.execute(&format!("CREATE TABLE raw_{table} (LIKE orgraph_internal.{table} INCLUDING ALL)"))
                .await;
            let mut connection = self.admin.acquire().await.unwrap();
            let statement = format!("COPY orgraph_internal.{table} TO STDOUT");
            let mut stream = connection.copy_out_raw(&statement).await.unwrap();
            let mut text = Vec::new();
            while let Some(part) = futures_util::TryStreamExt::try_next(&mut stream).await.unwrap() {
                text.extend_from_slice(&part);
            }
            texts.push((table, text));
        }
        let mut measures = Vec::new();
        for _ in 0..3 {
            self.execute("TRUNCATE raw_entity, raw_relationship").await;
            self.execute("CHECKPOINT").await;
            let (wal, cpu, begin) = (self.wal().await, self.cpu().await, Instant::now());
            for (table, text) in &texts {
                let mut connection = self.admin.acquire().await.unwrap();
                let statement = format!("COPY raw_{table} FROM STDIN");
                let mut copy = connection.copy_in_raw(&statement).await.unwrap();
                for part in text.chunks(256 * 1024) {
                    copy.send(part).await.unwrap();
                }
                copy.finish().await.unwrap();
            }
            let wall = begin.elapsed();
            let cpu = self.cpu().await.saturating_sub(cpu);
            measures.push(Measure { wall, cpu, wal: self.wal().await - wal });
        }
        self.execute("DROP TABLE raw_entity, raw_relationship").await;
        measures.sort_by_key(|it| it.cpu);
        measures[1]
    }

    /// How long processors have worked so far; nothing where the kernel does not say.
    async fn cpu(&self) -> Duration {
        let backends: Vec<i32> =
            sqlx::query_scalar("SELECT pid FROM pg_stat_activity WHERE datname = current_database()")
                .fetch_all(&self.admin)
                .await
                .unwrap();
        let threads = std::fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
        let mine = threads.map(|it| it.path().join("schedstat"));
        let files = mine.chain(backends.iter().map(|it| format!("/proc/{it}/schedstat").into()));
        let worked = |text: String| text.split_whitespace().next()?.parse::<u64>().ok();
        let nanoseconds = files.filter_map(|file| std::fs::read_to_string(file).ok().and_then(worked)).sum();
        Duration::from_nanos(nanoseconds)
    }

    async fn wal(&self) -> i64 {
        sqlx::query_scalar("SELECT (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::bigint")
            .fetch_one(&self.admin)
            .await
            .unwrap()
    }

    async fn execute(&self, statement: &str) {
        sqlx::raw_sql(AssertSqlSafe(statement.to_owned())).execute(&self.admin).await.unwrap();
    }
}

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_700_000_000 + seconds, 0).unwrap()
}

fn snapshot(account: &AccountId, collector: usize) -> Snapshot {
    let region: Region = "eu-west-1".parse().unwrap();
    let partition =
        Partition { account: account.clone(), region: region.clone(), collector: format!("ec2-{collector}") };
    let key = |kind: &str, number: usize| {
        format!("arn:aws:ec2:{region}:{account}:{kind}/{kind}-{collector:04}{number:012}")
    };
    let mut snapshot = Snapshot::without_rows(partition, at(0), Outcome::complete());
    for number in 0..ENTITIES {
        snapshot.entities.push(Entity {
            key: key("i", number).into(),
            entity_type: AWS_INSTANCE,
            source: Source::Integration,
            account: account.clone(),
            region: region.clone(),
            name: Some(format!("web-{collector}-{number}")),
            display_name: Some(format!("web-{collector}-{number}")),
            properties: object(properties(collector, number)),
            tags: object(json!({"Name": format!("web-{number}"), "Owner": "platform", "Stage": "prod"})),
            volatile: &[],
        });
    }
    let ends: [(EntityType, &str); 4] =
        [(AWS_VPC, "vpc"), (AWS_SUBNET, "subnet"), (AWS_SECURITY_GROUP, "sg"), (AWS_ENI, "eni")];
    for number in 0..RELATIONSHIPS {
        let (end, kind) = ends[number % ends.len()];
        snapshot.relationships.push(Relationship {
            from: Ref { entity_type: AWS_INSTANCE, key: key("i", number % ENTITIES).into() },
            verb: Verb::Uses,
            to: Ref { entity_type: end, key: key(kind, number).into() },
            discriminator: String::new(),
            properties: if number % 10 == 0 {
                object(json!({"fromPort": 443, "toPort": 443}))
            } else {
                Properties::new()
            },
        });
    }
    snapshot
}

fn object(value: Value) -> Properties {
    let Value::Object(members) = value else { unreachable!("an object was given") };
    members
}

/// About 800 bytes of JSON, as collected instances have.
fn properties(collector: usize, number: usize) -> Value {
    json!({
        "instanceId": format!("i-{collector:04}{number:012}"), "instanceType": "m6i.large", "state": "running",
        "imageId": format!("ami-{number:017}"), "privateIpAddress": format!("10.{collector}.{}.{}", number / 250, number % 250),
        "publicIpAddress": null, "public": false, "subnetId": format!("subnet-{number:017}"), "vpcId": "vpc-00000000000000001",
        "architecture": "x86_64", "hypervisor": "xen", "rootDeviceType": "ebs", "rootDeviceName": "/dev/xvda",
        "ebsOptimized": true, "enaSupport": true, "monitoring": "disabled", "platform": null, "tenancy": "default",
        "availabilityZone": "eu-west-1a", "launchTime": 1_700_000_000_000_i64 + i64::try_from(number).unwrap(),
        "iamInstanceProfileArn": "arn:aws:iam::000000000000:instance-profile/web", "keyName": "deploy",
        "securityGroupIds": ["sg-00000000000000001", "sg-00000000000000002"], "active": true,
        "webLink": format!("https://eu-west-1.console.aws.amazon.com/ec2/v2/home?region=eu-west-1#Instances:instanceId=i-{number:017}"),
        "metadataOptionsHttpTokens": "required", "metadataOptionsHttpEndpoint": "enabled", "virtualizationType": "hvm",
    })
}
