//! How fast questions to a large graph are: a million entities and three and a half million relationships of an
//! organization of 200 accounts. `ORGRAPH_BENCH_ACCOUNTS` sets the size, 5000 entities an account.
//!
//! `ORGRAPH_BENCH_DATABASE_URL` names a database to keep, as a superuser: an empty one is filled, and used again as it is by
//! later runs. Without it the graph is made for this run. `ORGRAPH_BENCH_SQL` prints the statements.
//!
//! Every figure in SQL stands beside the best statement written by hand for the same question, straight on the tables and
//! in the same run, so that the ratio means the same on every machine.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark prints, and stops at the first surprise"
)]

mod counted;
mod database;
mod generate;
mod organization;
mod sql;

use std::time::{Duration, Instant};

use orgraph_query::paths::{ExposedOptions, Filter, Limits, WalkOptions};
use orgraph_query::{Reader, ReaderSettings};
use sqlx::PgConnection;

/// Enough for any statement.
const TIMEOUT: Duration = Duration::from_mins(5);

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let accounts = std::env::var("ORGRAPH_BENCH_ACCOUNTS").ok().and_then(|it| it.parse().ok()).unwrap_or(200);
    let db = database::open().await;
    if db.is_empty {
        let begin = Instant::now();
        let rows = generate::organization(&db, accounts).await;
        println!(
            "{} entities and {} relationships in {accounts} accounts, stored in {:.1} s",
            rows.entities,
            rows.relationships,
            begin.elapsed().as_secs_f64(),
        );
    }
    println!("load average {}", load_average());
    let reader = Reader::connect(&db.url, &ReaderSettings::default()).await.unwrap();
    memory(&reader).await;
    exposed(&reader, &mut *sql::by_hand(&db).await).await;
    sql::questions(&db, &reader).await;
    println!("load average at the end: {}", load_average());
}

/// The graph in memory: how long it takes to load, and what it takes.
async fn memory(reader: &Reader) {
    let before = resident();
    let begin = Instant::now();
    let graph = reader.load_graph(&Limits::default(), TIMEOUT).await.unwrap();
    let taken = begin.elapsed();
    let resident = resident().saturating_sub(before);
    println!(
        "load: {:.2} s; {} entities, {} relationships; {} MB counted, {} MB resident, {} MB per million relationships",
        taken.as_secs_f64(),
        graph.entities(),
        graph.relationships(),
        graph.memory_bytes() / 1_000_000,
        resident / 1_000_000,
        graph.memory_bytes() / u64::try_from(graph.relationships()).unwrap(),
    );
    let from = graph.find("global:internet").unwrap();
    let to = graph.find(&organization::key(0, "aws_s3_bucket", 7)).unwrap();
    let begin = Instant::now();
    let paths = graph.shortest(from, to, &Filter::default(), 5).unwrap();
    report("path, 5 shortest, undirected", begin.elapsed(), &format!("{} paths", paths.len()));
    let role = graph.find(&organization::key(0, "aws_iam_role", 3)).unwrap();
    let begin = Instant::now();
    let radius = graph.blast_radius(role, WalkOptions::default(), 1000);
    report("blast radius of a role", begin.elapsed(), &format!("{} entities", radius.total));
}

/// Loading included, three times, everything listed; and the keys alone by hand.
async fn exposed(reader: &Reader, by_hand: &mut PgConnection) {
    for walk in [WalkOptions::default(), WalkOptions { lateral: true, ..WalkOptions::default() }] {
        let mut times = Vec::new();
        let mut found = 0;
        let processors = processor_seconds();
        for _ in 0..3 {
            let begin = Instant::now();
            let graph = reader.load_access(walk, &Limits::default(), TIMEOUT).await.unwrap();
            let options = ExposedOptions { walk, limit: usize::MAX, ..ExposedOptions::default() };
            let exposure = graph.exposed(&options).unwrap();
            times.push(begin.elapsed());
            found = exposure.exposed.len();
        }
        times.sort();
        let processors = processor_seconds() - processors;
        let name = if walk.lateral { "exposed --lateral" } else { "exposed" };
        report(&format!("{name}, with loading (< 5 s)"), times[1], &format!("{found} data stores"));
        println!("  {:.2} s of processor time of the whole machine", processors / 3.0);
        if !walk.lateral {
            sql::exposed_by_hand(by_hand, times[1], found).await;
        }
    }
}

fn report(what: &str, taken: Duration, found: &str) {
    println!("{what:<44} {:>9.1} ms  {found}", taken.as_secs_f64() * 1000.0);
}

/// What this process holds in memory, in bytes.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|it| it.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").trim().parse::<u64>().unwrap() * 1024
}

/// What has been used of all processors since the machine was started, in seconds. With nothing else running that is
/// this process and the server's.
fn processor_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/stat").unwrap();
    let fields: Vec<f64> =
        stat.lines().next().unwrap().split_whitespace().skip(1).map(|it| it.parse().unwrap()).collect();
    // All but idle and waiting, in ticks, of which a hundred make a second on Linux.
    (fields.iter().take(8).sum::<f64>() - fields[3] - fields[4]) / 100.0
}

fn load_average() -> String {
    std::fs::read_to_string("/proc/loadavg").unwrap().split(' ').take(3).collect::<Vec<_>>().join(" ")
}
