//! How much memory the largest partitions take, from the first page of their listing to the last row in PostgreSQL:
//! real collectors, simulated answers of AWS, a real database. One process for each, so that each has a peak of its own.
//!
//! `ORGRAPH_BENCH_ROWS` sets the size; `ORGRAPH_BENCH_COLLECTOR` picks one of them.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark prints, and stops at the first surprise"
)]

mod answers;

use std::process::{Command, ExitCode};
use std::sync::Arc;
use std::time::Instant;

use chrono::{DateTime, TimeDelta, Utc};
use orgraph_collect::{Collector, Facts, MemoryLimits, Session, replay};
use orgraph_model::{Region, Snapshot, Status};
use orgraph_store::{ConnectSettings, GuardSettings, Lease, Store, migrate};

/// What is promised for any partition.
const MOST_MB: u64 = 200;
const COLLECTOR: &str = "ORGRAPH_BENCH_COLLECTOR";

fn main() -> ExitCode {
    let rows = std::env::var("ORGRAPH_BENCH_ROWS").ok().and_then(|it| it.parse().ok()).unwrap_or(500_000);
    if let Ok(name) = std::env::var(COLLECTOR) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
        return runtime.unwrap().block_on(measure(&name, rows));
    }
    println!("{rows} rows in one partition, peaks in MB");
    let mut ended = ExitCode::SUCCESS;
    for name in answers::COLLECTORS {
        let status = Command::new(std::env::current_exe().unwrap()).env(COLLECTOR, name).status().unwrap();
        if !status.success() {
            ended = ExitCode::FAILURE;
        }
    }
    ended
}

async fn measure(name: &str, rows: usize) -> ExitCode {
    let collector = orgraph_catalog::collector(name).unwrap();
    let db = orgraph_testkit::db_with("whale", async |url| Ok(migrate(&url).await?)).await;
    let store = Store::connect(db.url(), &ConnectSettings::default()).await.unwrap();
    let lease = store.claim_lease(&replay::account(), "bench", TimeDelta::hours(12)).await.unwrap().unwrap();
    let session = session(rows, "").await;
    println!("{name:<48} {:>8} {:>8} {:>8}", "seconds", "MB", "peak MB");
    note("before", Instant::now());

    let expected = u64::try_from(rows).unwrap();
    let first = read("read, first time", collector, &session, 0).await;
    let loaded = write("first load", &store, &lease, &first).await;
    assert_eq!(loaded.created.entities, expected);
    drop(first);
    let again = read("read, unchanged", collector, &session, 1).await;
    assert!(write("unchanged", &store, &lease, &again).await.unchanged);
    drop((again, session));

    let session = self::session(rows, "another").await;
    let other = read("read, every row changed", collector, &session, 2).await;
    let changed = write("every row changed", &store, &lease, &other).await;
    assert_eq!(changed.changed.entities, expected);
    drop((other, session));

    // Rows that are missing are remembered with their ends, which takes more; it happens once, and then they wait.
    let session = self::session(0, "").await;
    let nothing = read("read, emptied", collector, &session, 3).await;
    let begin = Instant::now();
    let held = store.reconcile(&lease, &nothing, &GuardSettings::default()).await.unwrap();
    assert_eq!((held.removed.entities, held.held.unwrap().rows.entities), (0, expected));
    print("emptied: every removal waits", begin);
    ExitCode::SUCCESS
}

async fn session(rows: usize, text: &'static str) -> Arc<Session> {
    replay::session_within(MemoryLimits::default(), move |asked| answers::answer(asked, rows, text)).await
}

async fn read(what: &str, collector: &Collector, session: &Arc<Session>, seconds: i64) -> Snapshot {
    let begin = Instant::now();
    let region: Region = replay::REGION.parse().unwrap();
    let facts = Arc::new(Facts::default());
    let snapshot = orgraph_collect::run::run(collector, session, &region, &facts, at(seconds)).await;
    assert_eq!(snapshot.outcome.status, Status::Complete, "{:?}", snapshot.outcome.reason);
    note(what, begin);
    snapshot
}

async fn write(what: &str, store: &Store, lease: &Lease, snapshot: &Snapshot) -> orgraph_store::Applied {
    let begin = Instant::now();
    let applied = store.reconcile(lease, snapshot, &GuardSettings::default()).await.unwrap();
    note(what, begin);
    applied
}

/// Each step has a peak of its own.
fn note(what: &str, begin: Instant) {
    let peak = print(what, begin);
    assert!(peak < MOST_MB, "{what} took {peak} MB, and may take {MOST_MB}");
    // Tells the kernel to forget the peak.
    std::fs::write("/proc/self/clear_refs", "5").unwrap();
}

fn print(what: &str, begin: Instant) -> u64 {
    let (seconds, peak) = (begin.elapsed().as_secs_f64(), megabytes("VmHWM:"));
    println!("  {what:<46} {seconds:>8.1} {:>8} {peak:>8}", megabytes("VmRSS:"));
    peak
}

/// A figure of this process as the kernel counts it.
fn megabytes(name: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|it| it.strip_prefix(name)).unwrap();
    let kilobytes: u64 = line.trim().trim_end_matches(" kB").parse().unwrap();
    kilobytes / 1024
}

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_700_000_000 + seconds, 0).unwrap()
}
