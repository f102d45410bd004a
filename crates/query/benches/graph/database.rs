//! Where the graph is that questions are measured on: made once and kept, or made for one run.

use orgraph_testkit::TestDb;
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;

/// A database with the schema.
pub(crate) struct Database {
    pub(crate) url: String,
    pub(crate) pool: PgPool,
    /// Nothing is stored in it yet.
    pub(crate) is_empty: bool,
    _dropped_at_the_end: Option<TestDb>,
}

/// The database that `ORGRAPH_BENCH_DATABASE_URL` names, as a superuser, which is kept; else one for this run.
pub(crate) async fn open() -> Database {
    let (url, made) = if let Ok(url) = std::env::var("ORGRAPH_BENCH_DATABASE_URL") {
        (url, None)
    } else {
        let made = orgraph_testkit::db().await;
        (made.url().to_owned(), Some(made))
    };
    orgraph_store::migrate(&url).await.unwrap();
    let pool = PgPoolOptions::new().max_connections(4).connect(&url).await.unwrap();
    let is_empty = "SELECT NOT EXISTS (SELECT FROM orgraph_internal.entity)";
    let is_empty = sqlx::query_scalar(is_empty).fetch_one(&pool).await.unwrap();
    Database { url, pool, is_empty, _dropped_at_the_end: made }
}
