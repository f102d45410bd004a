//! A database with the real schema, and answers from it as the reader.

use chrono::{DateTime, Utc};
use orgraph_query::j1ql::{Compiled, Options, Shape, Words, compile};
use orgraph_testkit::TestDb;
use serde_json::Value;
use sqlx::types::Json;
use sqlx::{Connection, PgConnection, Row};

use super::graph::Graph;

/// What `date.now` is in tests.
pub(crate) fn now() -> DateTime<Utc> {
    "2024-06-15T12:00:00Z".parse().unwrap()
}

pub(crate) fn options() -> Options {
    Options { default_limit: None, ..Options::at(now()) }
}

/// An answer: rows of values, absent ones being `None`.
pub(crate) type Rows = Vec<Vec<Option<Value>>>;

/// An empty database.
pub(crate) async fn empty() -> TestDb {
    orgraph_testkit::db_with("query", async |url| Ok(orgraph_store::migrate(&url).await?)).await
}

/// A database with the fixed graph, and a connection that is the reader's.
pub(crate) async fn with_fixed_graph() -> (TestDb, PgConnection) {
    let db = empty().await;
    let mut connection = PgConnection::connect(db.url()).await.unwrap();
    Graph::fixed().insert(&mut connection).await;
    become_reader(&mut connection).await;
    (db, connection)
}

pub(crate) async fn become_reader(connection: &mut PgConnection) {
    sqlx::raw_sql("SET ROLE orgraph_reader").execute(connection).await.unwrap();
}

pub(crate) async fn ask(connection: &mut PgConnection, text: &str) -> (Compiled, Rows) {
    let compiled =
        compile(text, &Words::default(), &options()).unwrap_or_else(|error| panic!("{text}\n{error}"));
    let rows =
        run(connection, &compiled).await.unwrap_or_else(|error| panic!("{text}\n{}\n{error}", compiled.sql));
    (compiled, rows)
}

/// The answer, of the question for the kinds of relationship that are stored. The question for any kinds has the same, in
/// an order that may differ.
pub(crate) async fn run(connection: &mut PgConnection, compiled: &Compiled) -> Result<Rows, sqlx::Error> {
    let kinds = orgraph_query::kinds(connection).await?;
    let fitted = compiled.for_kinds(kinds).expect("what was compiled once is compiled again");
    let (general, rows) = (rows(connection, compiled).await?, rows(connection, &fitted).await?);
    let in_order = |rows: &Rows| {
        let mut rows: Vec<String> = rows.iter().map(|it| format!("{it:?}")).collect();
        rows.sort();
        rows
    };
    // Which rows a limit leaves is not said.
    if compiled.limit.is_none() {
        assert_eq!(in_order(&general), in_order(&rows), "{}\n{}", compiled.sql, fitted.sql);
    }
    Ok(rows)
}

async fn rows(connection: &mut PgConnection, compiled: &Compiled) -> Result<Rows, sqlx::Error> {
    let rows = compiled.statement().fetch_all(connection).await?;
    let columns = compiled.columns.len();
    let value = |row: &sqlx::postgres::PgRow, at| row.get::<Option<Json<Value>>, _>(at).map(|it| it.0);
    Ok(rows.iter().map(|row| (0..columns).map(|at| value(row, at)).collect()).collect())
}

/// The keys of entities that came back without `RETURN`.
pub(crate) fn keys(compiled: &Compiled, rows: &Rows) -> Vec<String> {
    assert_eq!(compiled.shape, Shape::Entities);
    let key = |row: &Vec<Option<Value>>| row[0].as_ref().unwrap()["_key"].as_str().unwrap().to_owned();
    rows.iter().map(key).collect()
}
