//! Connecting, migrating, and the roles both happen under.

use std::str::FromStr;
use std::sync::{Arc, RwLock};
use std::time::Duration;

use sqlx::migrate::{MigrateError, Migrator};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{ConnectOptions, Connection, PgConnection, PgPool};

use crate::relationship_type::RelationshipTypes;
use crate::{Result, StoreError};

static MIGRATOR: Migrator = sqlx::migrate!("../../migrations");

/// Below this, one statement is cheaper than the three messages of a COPY.
const MIN_COPY_ROWS: usize = 16;
/// The same over TCP: the driver leaves Nagle's algorithm on, so that the end of each COPY waits for the delayed
/// acknowledgement of its rows, which is 40 ms on Linux and as much as thousands of rows take.
const MIN_COPY_ROWS_BY_TCP: usize = 10_000;

/// How to connect.
#[derive(Debug, Clone)]
pub struct ConnectSettings {
    /// At most this many connections. One partition is written over one of them at a time.
    pub max_connections: u32,
    /// How the connections are named in `pg_stat_activity`.
    pub application_name: String,
    /// How long to wait for a free connection.
    pub acquire_timeout: Duration,
    /// How long a statement waits for a lock before it fails.
    pub lock_timeout: Duration,
    /// How long a statement may take, of a store that only reads: its transactions are read-only. `None` for one that
    /// writes, whose statements take as long as they take.
    pub reads_within: Option<Duration>,
}

impl Default for ConnectSettings {
    fn default() -> Self {
        Self {
            max_connections: 16,
            application_name: "orgraph".to_owned(),
            acquire_timeout: Duration::from_secs(30),
            lock_timeout: Duration::from_secs(10),
            reads_within: None,
        }
    }
}

/// The graph. Cheap to clone; all clones share one pool of connections, which work as `orgraph_writer`.
#[derive(Debug, Clone)]
pub struct Store {
    pub(crate) pool: PgPool,
    /// From how many rows on a partition that is new is copied.
    pub(crate) min_copy_rows: usize,
    /// Replaced as a whole when a kind comes that has no number yet.
    pub(crate) relationship_types: Arc<RwLock<Arc<RelationshipTypes>>>,
}

impl Store {
    /// Connects to a database whose schema is the one this program knows.
    pub async fn connect(url: &str, settings: &ConnectSettings) -> Result<Self> {
        let options = options(url)?.application_name(&settings.application_name).options([
            ("lock_timeout", format!("{}ms", settings.lock_timeout.as_millis())),
            ("statement_timeout", format!("{}ms", settings.reads_within.map_or(0, |it| it.as_millis()))),
            ("default_transaction_read_only", settings.reads_within.is_some().to_string()),
            ("idle_in_transaction_session_timeout", "5min".to_owned()),
            // Losing the last commits in a crash loses nothing: the partitions are read again. Leases differ, and
            // switch this on for their own transactions.
            ("synchronous_commit", "off".to_owned()),
            ("jit", "off".to_owned()),
        ]);
        let is_local = options.get_socket().is_some() || options.get_host().starts_with('/');
        let min_copy_rows = if is_local { MIN_COPY_ROWS } else { MIN_COPY_ROWS_BY_TCP };
        let pool = PgPoolOptions::new()
            .max_connections(settings.max_connections)
            .acquire_timeout(settings.acquire_timeout)
            .after_connect(|connection, _| {
                Box::pin(
                    async move { sqlx::query("SET ROLE orgraph_writer").execute(connection).await.map(drop) },
                )
            })
            .connect_with(options)
            .await
            .map_err(connecting)?;
        let store = Self { pool, min_copy_rows, relationship_types: Arc::default() };
        let mut connection = store.pool.acquire().await.map_err(connecting)?;
        let found = schema_version(&mut connection).await?;
        let known = known_version();
        match found {
            _ if found > known => Err(StoreError::SchemaNewer { found, known }),
            _ if found < known => Err(StoreError::SchemaOlder { found, known }),
            _ => Ok(store),
        }
    }

    /// The connections, for reading and for transactions of the caller's own.
    pub fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// The newest schema version this program knows.
    pub fn schema_version() -> i64 {
        known_version()
    }

    /// Closes all connections, after the transactions on them have ended.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}

/// Brings the schema to the version this program knows. Safe to call from several daemons at once and any number of
/// times. Refuses a schema that a later release has written.
pub async fn migrate(url: &str) -> Result<()> {
    let options = options(url)?.application_name("orgraph migrate");
    let mut connection = PgConnection::connect_with(&options).await.map_err(StoreError::Connect)?;
    let found = schema_version(&mut connection).await?;
    let known = known_version();
    if found > known {
        return Err(StoreError::SchemaNewer { found, known });
    }
    sqlx::raw_sql(include_str!("../queries/prepare_database.sql"))
        .execute(&mut connection)
        .await
        .map_err(|error| privilege("setting up roles and schemas", error))?;
    // The schema is set up whether or not the goodbye arrives.
    drop(connection.close().await);

    let pool = PgPoolOptions::new()
        .max_connections(1)
        .after_connect(|connection, _| {
            Box::pin(async move {
                // The table of applied migrations belongs with the tables they make.
                let roles = "SET ROLE orgraph_owner; SET search_path = orgraph_internal";
                sqlx::raw_sql(roles).execute(connection).await.map(drop)
            })
        })
        .connect_with(options)
        .await
        .map_err(|error| privilege("working as orgraph_owner", error))?;
    MIGRATOR.run(&pool).await.map_err(|error| match error {
        MigrateError::VersionMissing(found) if found > known => StoreError::SchemaNewer { found, known },
        error => StoreError::Migrate(error),
    })?;
    pool.close().await;
    Ok(())
}

fn options(url: &str) -> Result<PgConnectOptions> {
    let options = PgConnectOptions::from_str(url)
        .map_err(|error| StoreError::Address { message: error.to_string() })?;
    // Statements carry no values, but they are long and nobody reads them.
    Ok(options.disable_statement_logging())
}

fn known_version() -> i64 {
    MIGRATOR.iter().map(|it| it.version).max().unwrap_or_default()
}

async fn schema_version(connection: &mut PgConnection) -> Result<i64> {
    let attempted = "read the schema version";
    let is_set_up: bool =
        sqlx::query_scalar("SELECT to_regclass('orgraph_internal._sqlx_migrations') IS NOT NULL")
            .fetch_one(&mut *connection)
            .await
            .map_err(StoreError::attempting(attempted))?;
    if !is_set_up {
        return Ok(0);
    }
    sqlx::query_scalar(
        "SELECT coalesce(max(version), 0) FROM orgraph_internal._sqlx_migrations WHERE success",
    )
    .fetch_one(connection)
    .await
    .map_err(StoreError::attempting(attempted))
}

fn connecting(error: sqlx::Error) -> StoreError {
    match &error {
        sqlx::Error::Database(database) if database.code().as_deref() == Some("42501") => {
            privilege("working as orgraph_writer", error)
        }
        // The role does not exist before the first migration.
        sqlx::Error::Database(database) if database.code().as_deref() == Some("22023") => {
            StoreError::SchemaOlder { found: 0, known: known_version() }
        }
        _ => StoreError::Connect(error),
    }
}

fn privilege(attempted: &'static str, error: sqlx::Error) -> StoreError {
    match &error {
        sqlx::Error::Database(database) if database.code().as_deref() == Some("42501") => {
            StoreError::Privilege { attempted, message: database.message().to_owned() }
        }
        _ => StoreError::Database { attempted: "set up the database", source: error },
    }
}
