//! How long questions take on a large graph, as the reader, compiling and planning included.
//!
//! `graph.sql` makes the graph. `ORGRAPH_BENCH_DATABASE_URL` names a database to keep, as a superuser: an empty one is
//! filled, and used again as it is by later runs. Without it the graph is made for this run. With `--explain` the plans are
//! printed.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a program that prints, and ends when it cannot go on"
)]

use std::time::{Duration, Instant};

#[path = "graph/counted.rs"]
mod counted;
#[path = "graph/database.rs"]
mod database;

use counted::Counted;

use chrono::DateTime;
use orgraph_query::j1ql::{Compiled, Options, SESSION, Words, compile};
use orgraph_query::{Limits, Question, Reader, ReaderSettings};
use sqlx::{Connection, Executor, PgConnection, Row};

/// Enough for any statement.
const TIMEOUT: Duration = Duration::from_mins(5);

/// Name, question, and the most that half of the answers may take, in milliseconds.
const QUESTIONS: &[(&str, &str, u32)] = &[
    ("one entity", "Find aws_instance with _key = 'aws_instance:77'", 10),
    ("type and property", "Find aws_instance with state = 'running' and size = 17", 60),
    (
        "type and property, all rows counted",
        "Find aws_instance with state = 'running' as i return count(i)",
        400,
    ),
    ("class and tag", "Find DataStore with tag.Owner = 'team-7' and encrypted != true", 60),
    (
        "one hop",
        "Find aws_instance with _key = 'aws_instance:77' that uses aws_ebs_volume as v return v._key",
        10,
    ),
    (
        "three hops from one",
        "Find aws_instance with _key = 'aws_instance:77' that uses aws_iam_role that has aws_iam_policy that allows aws_s3_bucket as b return b._key",
        10,
    ),
    (
        "three hops to one",
        "Find aws_instance as i that uses aws_iam_role that has aws_iam_policy that allows aws_s3_bucket with _key = 'aws_s3_bucket:99' return i._key",
        10,
    ),
    (
        "three hops, entities",
        "Find aws_subnet with _key = 'aws_subnet:55' that has aws_instance that protects aws_security_group that allows Internet",
        10,
    ),
    ("unused volumes", "Find aws_ebs_volume that !uses aws_instance", 400),
    ("instances without a role", "Find aws_instance with active = true that !uses aws_iam_role", 400),
    (
        "Internet to bucket",
        "Find Internet that allows >> aws_security_group that protects >> aws_instance as i that uses aws_iam_role \
         that has AccessPolicy that allows as permission aws_s3_bucket as b where permission.read = true \
         return i.displayName, b.displayName",
        400,
    ),
    (
        "Internet to bucket, counted",
        "Find Internet that allows >> aws_security_group that protects >> aws_instance as i that uses aws_iam_role \
         that has AccessPolicy that allows as permission aws_s3_bucket as b where permission.read = true \
         return count(i), count(b)",
        2000,
    ),
    (
        "instances by account",
        "Find aws_account as a that has aws_ec2 that has aws_instance as i return a.name, count(i)",
        2000,
    ),
];

fn main() {
    let explain = std::env::args().any(|it| it == "--explain");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let db = database::open().await;
        if db.is_empty {
            db.pool.execute(include_str!("graph.sql")).await.unwrap();
            db.pool.execute("VACUUM ANALYZE orgraph_internal.entity").await.unwrap();
            db.pool.execute("VACUUM ANALYZE orgraph_internal.relationship").await.unwrap();
        }
        let reader = Reader::connect(&db.url, &ReaderSettings::default()).await.unwrap();
        let words = Words::default();
        let options = Options::at(DateTime::from_timestamp(1_718_452_800, 0).unwrap());
        let limits = Limits { skip: None, rows: u64::MAX, timeout: TIMEOUT };
        for (name, question, most) in QUESTIONS {
            let mut times = Vec::new();
            let mut counted = Counted::default();
            for _ in 0..7 {
                let began = Instant::now();
                let compiled = compile(question, &words, &options).unwrap();
                counted.rows = 0;
                reader.ask(Question::J1ql(&compiled), limits, &mut counted).await.unwrap();
                times.push(began.elapsed());
            }
            times.sort();
            let verdict = if times[3] <= Duration::from_millis(u64::from(*most)) { "" } else { "  TOO LONG" };
            println!("{name:38} {:4} rows  p50 {:8.1?}  most {most} ms{verdict}", counted.rows, times[3]);
            if explain {
                let compiled = compile(question, &words, &options).unwrap();
                println!("{}", plan(&db.url, reader.fit(&compiled, TIMEOUT).await.unwrap()).await);
            }
        }
    });
}

/// How the database answers, with what it took.
async fn plan(url: &str, mut compiled: Compiled) -> String {
    let mut connection = PgConnection::connect(url).await.unwrap();
    connection.execute("SET ROLE orgraph_reader").await.unwrap();
    connection.execute(SESSION).await.unwrap();
    compiled.sql = format!("EXPLAIN (ANALYZE, BUFFERS) {}", compiled.sql);
    let lines = compiled.statement().fetch_all(&mut connection).await.unwrap();
    lines.iter().map(|it| it.get::<String, _>(0)).collect::<Vec<_>>().join("\n")
}
