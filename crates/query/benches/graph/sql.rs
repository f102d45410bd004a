//! Questions with an answer of a known shape: what J1QL takes, and what it takes by hand.

use std::time::{Duration, Instant};

use chrono::DateTime;
use orgraph_query::j1ql::{Options, Words, compile};
use orgraph_query::{Limits, Question, Reader};
use sqlx::pool::PoolConnection;
use sqlx::{Executor, PgConnection, Postgres};

use crate::counted::Counted;
use crate::database::Database;
use crate::{TIMEOUT, organization};

const THREE_HOPS: &str = "SELECT p.key
FROM orgraph_internal.relationship AS protects
JOIN orgraph_internal.relationship AS uses ON uses.from_id = protects.to_id AND uses.rel_type = ANY($3)
JOIN orgraph_internal.relationship AS has ON has.from_id = uses.to_id AND has.rel_type = ANY($4)
JOIN orgraph_internal.entity AS p ON p.id = has.to_id
WHERE protects.from_id = orgraph.entity_id($1) AND protects.rel_type = ANY($2)";

/// Hop by hop, which takes half as long as joining all of them. It does not ask whether what is in between is stored, as
/// J1QL does.
const INTERNET_TO_BUCKET: &str = "WITH protects AS (
  SELECT DISTINCT protects.to_id AS id
  FROM orgraph_internal.relationship AS rule
  JOIN orgraph_internal.relationship AS protects ON protects.from_id = rule.to_id AND protects.rel_type = ANY($2)
  WHERE rule.from_id = orgraph.entity_id('global:internet') AND rule.rel_type = ANY($1)
), uses AS (
  SELECT DISTINCT uses.to_id AS id
  FROM protects
  JOIN orgraph_internal.relationship AS uses ON uses.from_id = protects.id AND uses.rel_type = ANY($3)
), has AS (
  SELECT DISTINCT has.to_id AS id
  FROM uses
  JOIN orgraph_internal.relationship AS has ON has.from_id = uses.id AND has.rel_type = ANY($4)
), allows AS (
  SELECT DISTINCT allows.to_id AS id
  FROM has
  JOIN orgraph_internal.relationship AS allows ON allows.from_id = has.id AND allows.rel_type = ANY($5)
)
SELECT b.key
FROM allows
JOIN orgraph_internal.entity AS b ON b.id = allows.id AND b.type = 'aws_s3_bucket'";

const FILTER: &str = "SELECT e.key
FROM orgraph_internal.entity AS e
WHERE e.type = 'aws_s3_bucket' AND e.properties -> 'public' = 'true'::jsonb";

const EXPOSED: &str = include_str!("exposed.sql");

/// A connection that is set as well as that for J1QL.
pub(crate) async fn by_hand(db: &Database) -> PoolConnection<Postgres> {
    let mut by_hand = db.pool.acquire().await.unwrap();
    by_hand.execute("SET jit = off; SET work_mem = '64MB'").await.unwrap();
    by_hand
}

/// Prints what the keys of all data stores that are exposed take by hand; `taken` is what the graph took, which also knows
/// the ways.
pub(crate) async fn exposed_by_hand(by_hand: &mut PgConnection, taken: Duration, found: usize) {
    let mut hand = Times::default();
    for _ in 0..3 {
        let begin = Instant::now();
        hand.add(begin, sqlx::query(EXPOSED).fetch_all(&mut *by_hand).await.unwrap().len());
    }
    let same = if hand.rows == found * 3 { "the same" } else { "ANOTHER NUMBER" };
    let median = hand.median();
    let ratio = taken.as_secs_f64() / median.as_secs_f64();
    crate::report("  by hand, without the ways there", median, &format!("{same}; ratio {ratio:.2}"));
}

/// Prints the medians of J1QL as `orgraph_reader`, and of the statement by hand; both must find the same.
pub(crate) async fn questions(db: &Database, reader: &Reader) {
    let mut by_hand = by_hand(db).await;
    let protects = kinds(&mut by_hand, "aws_security_group", "PROTECTS", "aws_instance").await;
    let uses = kinds(&mut by_hand, "aws_instance", "USES", "aws_iam_role").await;
    let has = kinds(&mut by_hand, "aws_iam_role", "HAS", "aws_iam_role_policy").await;
    let rule = kinds(&mut by_hand, "internet", "ALLOWS", "aws_security_group").await;
    let allows = kinds(&mut by_hand, "aws_iam_role_policy", "ALLOWS", "aws_s3_bucket").await;

    let (mut hand, mut compiled) = (Times::default(), Times::default());
    for number in 0..101 {
        let group = organization::key(number % 2, "aws_security_group", number);
        let j1ql = format!(
            "FIND aws_security_group WITH _key = '{group}' THAT PROTECTS >> aws_instance THAT USES >> aws_iam_role \
             THAT HAS >> aws_iam_role_policy AS p RETURN p._key"
        );
        let begin = Instant::now();
        let rows = sqlx::query(THREE_HOPS).bind(group).bind(&protects).bind(&uses).bind(&has);
        hand.add(begin, rows.fetch_all(&mut *by_hand).await.unwrap().len());
        asked(reader, &j1ql, &mut compiled).await;
    }
    report("three hops (< 10 ms)", hand, compiled);

    let (mut hand, mut compiled) = (Times::default(), Times::default());
    for _ in 0..5 {
        let begin = Instant::now();
        let rows =
            sqlx::query(INTERNET_TO_BUCKET).bind(&rule).bind(&protects).bind(&uses).bind(&has).bind(&allows);
        hand.add(begin, rows.fetch_all(&mut *by_hand).await.unwrap().len());
        let j1ql = "FIND UNIQUE internet THAT ALLOWS >> aws_security_group THAT PROTECTS >> aws_instance \
            THAT USES >> aws_iam_role THAT HAS >> aws_iam_role_policy THAT ALLOWS >> aws_s3_bucket AS b RETURN b._key";
        asked(reader, j1ql, &mut compiled).await;
    }
    report("Internet to bucket (< 400 ms)", hand, compiled);

    let (mut hand, mut compiled) = (Times::default(), Times::default());
    for _ in 0..21 {
        let begin = Instant::now();
        hand.add(begin, sqlx::query(FILTER).fetch_all(&mut *by_hand).await.unwrap().len());
        asked(reader, "FIND aws_s3_bucket WITH public = true AS b RETURN b._key", &mut compiled).await;
    }
    report("type and property (< 60 ms)", hand, compiled);
}

/// Compiling included, and everything else that is done for a question.
async fn asked(reader: &Reader, j1ql: &str, times: &mut Times) {
    let options = Options {
        now: DateTime::from_timestamp(1_767_225_600, 0).unwrap(),
        as_of: None,
        default_limit: None,
    };
    let words = Words::of_the_model();
    let limits = Limits { skip: None, rows: u64::MAX, timeout: TIMEOUT };
    let begin = Instant::now();
    let compiled = compile(j1ql, &words, &options).unwrap();
    let mut counted = Counted::default();
    reader.ask(Question::J1ql(&compiled), limits, &mut counted).await.unwrap();
    times.add(begin, counted.rows);
    if std::env::var_os("ORGRAPH_BENCH_SQL").is_some() {
        times.sql = reader.fit(&compiled, TIMEOUT).await.unwrap().sql;
    }
}

fn report(what: &str, hand: Times, compiled: Times) {
    // Another answer makes the ratio meaningless, and the statement says why.
    let same = if hand.rows == compiled.rows { "the same" } else { "ANOTHER NUMBER OF" };
    let rows = format!("{} rows in all, {same} by hand", compiled.rows);
    if std::env::var_os("ORGRAPH_BENCH_SQL").is_some() {
        println!("{}", compiled.sql);
    }
    let (hand, compiled) = (hand.median(), compiled.median());
    crate::report(&format!("J1QL, {what}"), compiled, &rows);
    let ratio = compiled.as_secs_f64() / hand.as_secs_f64();
    crate::report("  by hand", hand, &format!("ratio {ratio:.2}"));
}

async fn kinds(connection: &mut PgConnection, from: &str, verb: &str, to: &str) -> Vec<i16> {
    sqlx::query_scalar(
        "SELECT t.rel_type FROM orgraph_internal.relationship_type AS t
         WHERE t.from_type = $1 AND t.verb = $2 AND t.to_type = $3",
    )
    .bind(from)
    .bind(verb)
    .bind(to)
    .fetch_all(connection)
    .await
    .unwrap()
}

#[derive(Default)]
struct Times {
    taken: Vec<Duration>,
    rows: usize,
    sql: String,
}

impl Times {
    fn add(&mut self, begin: Instant, rows: usize) {
        self.taken.push(begin.elapsed());
        self.rows += rows;
    }

    fn median(mut self) -> Duration {
        self.taken.sort();
        self.taken[self.taken.len() / 2]
    }
}
