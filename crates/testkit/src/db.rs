//! A database per test.

use crate::postgres::server_url;
use anyhow::{Context, Result, ensure};
use sqlx::postgres::PgPoolOptions;
use sqlx::{AssertSqlSafe, Connection, PgConnection, PgPool};
use std::hash::{DefaultHasher, Hash, Hasher};

/// Held in the maintenance database while a template is made: one at a time, whoever makes it. Roles and
/// other things that all databases share are then made by one migration at a time too.
const TEMPLATE_LOCK: i64 = 0x6f72_6772_6170_6801;

/// A database of one test alone, dropped at its end.
#[derive(Debug)]
pub struct TestDb {
    name: String,
    url: String,
    pool: PgPool,
}

/// An empty database.
///
/// # Panics
///
/// If there is no PostgreSQL: a test that cannot run has not passed.
pub async fn db() -> TestDb {
    TestDb::create(None).await.unwrap_or_else(|error| panic!("failed to make a test database: {error:#}"))
}

/// A database prepared by `prepare`, which gets the address of an empty one.
///
/// What it does is done once per `name` and test binary and then copied, so a name stands for one way of
/// preparing. All connections it opened are closed afterwards. A newly built binary prepares anew.
///
/// # Panics
///
/// If there is no PostgreSQL, or `prepare` fails.
pub async fn db_with(name: &str, prepare: impl AsyncFnOnce(String) -> Result<()>) -> TestDb {
    let made = async {
        let template = template(name, prepare).await?;
        TestDb::create(Some(&template)).await
    };
    made.await.unwrap_or_else(|error| panic!("failed to make a test database of {name:?}: {error:#}"))
}

impl TestDb {
    /// Its name on the server.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its address, as a superuser.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Up to eight connections to it; every call gives the same pool.
    pub fn pool(&self) -> PgPool {
        self.pool.clone()
    }

    async fn create(template: Option<&str>) -> Result<Self> {
        let server_url = server_url().await?;
        let name = format!("orgraph_test_{}", uuid::Uuid::new_v4().simple());
        let mut server =
            PgConnection::connect(server_url).await.context("failed to connect to PostgreSQL")?;
        let statement = match template {
            Some(template) => format!("CREATE DATABASE {name} TEMPLATE {template}"),
            None => format!("CREATE DATABASE {name}"),
        };
        execute(&mut server, statement).await?;
        drop(server.close().await);
        let url = with_database(server_url, &name);
        let pool = PgPoolOptions::new().max_connections(8).connect_lazy(&url)?;
        Ok(Self { name, url, pool })
    }
}

impl Drop for TestDb {
    fn drop(&mut self) {
        let name = self.name.clone();
        // A runtime of its own: the test's may be single threaded, or shutting down.
        let dropped = std::thread::spawn(move || -> Result<()> {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(async {
                let mut server = PgConnection::connect(server_url().await?).await?;
                execute(&mut server, format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await
            })
        })
        .join();
        if !matches!(dropped, Ok(Ok(()))) {
            eprintln!("failed to drop the test database {}: {dropped:?}", self.name);
        }
    }
}

/// The name of the template, made if it is not there.
async fn template(name: &str, prepare: impl AsyncFnOnce(String) -> Result<()>) -> Result<String> {
    ensure!(
        !name.is_empty()
            && name.len() <= 24
            && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_'),
        "a name is up to 24 lower case letters, digits and underscores"
    );
    let template = format!("orgraph_template_{name}_{:016x}", this_binary()?);
    let server_url = server_url().await?;
    let mut server = PgConnection::connect(server_url).await.context("failed to connect to PostgreSQL")?;
    sqlx::query("SELECT pg_advisory_lock($1)").bind(TEMPLATE_LOCK).execute(&mut server).await?;
    // The mark is set last, so a template without it was never finished.
    let is_complete: Option<bool> =
        sqlx::query_scalar("SELECT datistemplate FROM pg_database WHERE datname = $1")
            .bind(&template)
            .fetch_optional(&mut server)
            .await?;
    if is_complete == Some(true) {
        drop(server.close().await);
        return Ok(template);
    }
    execute(&mut server, format!("DROP DATABASE IF EXISTS {template} WITH (FORCE)")).await?;
    execute(&mut server, format!("CREATE DATABASE {template}")).await?;
    prepare(with_database(server_url, &template)).await?;
    execute(&mut server, format!("ALTER DATABASE {template} ALLOW_CONNECTIONS false")).await?;
    sqlx::query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1")
        .bind(&template)
        .execute(&mut server)
        .await?;
    execute(&mut server, format!("ALTER DATABASE {template} IS_TEMPLATE true")).await?;
    drop(server.close().await); // with it goes the lock
    Ok(template)
}

/// Tells one build of a test binary from another, and with it one state of the migrations inside it.
fn this_binary() -> Result<u64> {
    let program = std::env::current_exe()?;
    let metadata = std::fs::metadata(&program)?;
    let mut hasher = DefaultHasher::new();
    (program, metadata.len(), metadata.modified()?).hash(&mut hasher);
    Ok(hasher.finish())
}

/// For names made here only: nothing of them comes from outside.
async fn execute(server: &mut PgConnection, statement: String) -> Result<()> {
    sqlx::query(AssertSqlSafe(statement.clone()))
        .execute(server)
        .await
        .with_context(|| format!("failed to {statement}"))?;
    Ok(())
}

/// The same address with another database.
fn with_database(url: &str, database: &str) -> String {
    let (front, query) = url.split_once('?').map_or((url, None), |(front, query)| (front, Some(query)));
    let authority = front.find("://").map_or(0, |at| at + 3);
    let end = front[authority..].find('/').map_or(front.len(), |at| authority + at);
    match query {
        Some(query) => format!("{}/{database}?{query}", &front[..end]),
        None => format!("{}/{database}", &front[..end]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_database_of_an_address_is_exchanged() {
        for (url, expected) in [
            ("postgresql://a:b@h:1/x?host=%2Ftmp", "postgresql://a:b@h:1/new?host=%2Ftmp"),
            ("postgres://h/x", "postgres://h/new"),
            ("postgres://h", "postgres://h/new"),
            ("postgres://h?sslmode=disable", "postgres://h/new?sslmode=disable"),
        ] {
            assert_eq!(with_database(url, "new"), expected);
        }
    }
}
