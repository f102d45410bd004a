//! Connections that can read the public surface and do nothing else.

use std::borrow::Cow;
use std::str::FromStr;
use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection, PgPool, Postgres};

use crate::AskError;
use crate::j1ql::SESSION;
use crate::stored::StoredKinds;

/// How to connect.
#[derive(Debug, Clone)]
pub struct ReaderSettings {
    /// At most this many connections, and so this many questions at the same time.
    pub max_connections: u32,
    /// How long to wait for a free connection.
    pub acquire_timeout: Duration,
}

impl Default for ReaderSettings {
    fn default() -> Self {
        Self { max_connections: 4, acquire_timeout: Duration::from_secs(10) }
    }
}

/// Reads the graph as `orgraph_reader`, in read-only transactions, for a limited time each. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Reader {
    pool: PgPool,
    options: PgConnectOptions,
    pub(crate) kinds: StoredKinds,
}

/// A read-only transaction that sees one moment of the graph. When it is dropped before its end, the connection is
/// closed instead of being emptied: what PostgreSQL still computes for it ends there.
pub(crate) struct Reading {
    connection: Option<PoolConnection<Postgres>>,
    timeout: Duration,
}

impl Reader {
    /// Connects to a graph. The login must be allowed to act as `orgraph_reader`.
    pub async fn connect(url: &str, settings: &ReaderSettings) -> Result<Self, AskError> {
        let reader = Self::lazy(url, settings)?;
        reader.check().await?;
        Ok(reader)
    }

    /// Connects when the first question is asked.
    pub fn lazy(url: &str, settings: &ReaderSettings) -> Result<Self, AskError> {
        let options = PgConnectOptions::from_str(url)
            .map_err(connecting)?
            .disable_statement_logging()
            .application_name("orgraph query")
            .options([
                ("default_transaction_read_only", "on"),
                ("lock_timeout", "5s"),
                ("idle_in_transaction_session_timeout", "5min"),
                // The public names first; what a session made up last.
                ("search_path", "orgraph,pg_catalog,pg_temp"),
                ("TimeZone", "UTC"),
                ("jit", "off"),
            ]);
        let pool = PgPoolOptions::new()
            .max_connections(settings.max_connections)
            .acquire_timeout(settings.acquire_timeout)
            .idle_timeout(Duration::from_mins(1))
            // Asking whether it still lives costs as much as a small question.
            .test_before_acquire(false)
            .before_acquire(|connection, used| {
                Box::pin(async move {
                    if used.idle_for > TRUSTED {
                        connection.ping().await?;
                    }
                    Ok(true)
                })
            })
            .after_connect(|connection, _| {
                Box::pin(async move {
                    become_reader(connection).await?;
                    sqlx::raw_sql(SESSION).execute(connection).await.map(drop)
                })
            })
            .connect_lazy_with(options.clone());
        Ok(Self { pool, options, kinds: StoredKinds::default() })
    }

    /// Whether the database can be read.
    pub async fn check(&self) -> Result<(), AskError> {
        self.pool.acquire().await.map(drop).map_err(connecting)
    }

    /// Closes all connections.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    /// Begins to read. Every statement may take `timeout`.
    pub(crate) async fn begin(&self, timeout: Duration) -> Result<Reading, AskError> {
        let mut connection = self.pool.acquire().await.map_err(connecting)?;
        begin(&mut connection, timeout).await?;
        Ok(Reading { connection: Some(connection), timeout })
    }

    /// A connection of its own that reads the moment which another reads. Whoever has it closes it.
    pub(crate) async fn beside(&self, first: &mut Reading) -> Result<PgConnection, AskError> {
        let moment: String = sqlx::query_scalar("SELECT pg_export_snapshot()")
            .fetch_one(first.connection())
            .await
            .map_err(reading)?;
        let mut connection = self.options.connect().await.map_err(connecting)?;
        become_reader(&mut connection).await.map_err(connecting)?;
        begin(&mut connection, first.timeout).await?;
        // The name of a moment is digits and hyphens; no statement takes it as a value.
        let moment: String = moment.chars().filter(|it| it.is_ascii_hexdigit() || *it == '-').collect();
        let begin = format!("SET TRANSACTION SNAPSHOT '{moment}'");
        say(&mut connection, begin).await?;
        Ok(connection)
    }

    /// A connection for a statement that somebody else wrote. It cannot become more than a reader, whatever the
    /// statement calls: see [`CAGE`]. It is not used twice.
    pub(crate) async fn caged(&self, timeout: Duration) -> Result<PgConnection, AskError> {
        let mut connection = self.options.connect().await.map_err(connecting)?;
        become_reader(&mut connection).await.map_err(connecting)?;
        sqlx::raw_sql(CAGE).execute(&mut connection).await.map_err(|error| {
            match code(&error).as_deref() {
                Some("42501") => AskError::Privilege {
                    attempted: "make a temporary function, which keeps foreign SQL from changing its role",
                    message: error.to_string(),
                    help: "run: GRANT TEMPORARY ON DATABASE … TO orgraph_reader",
                },
                _ => AskError::Database { attempted: "prepare a connection for SQL", source: error },
            }
        })?;
        begin(&mut connection, timeout).await?;
        Ok(connection)
    }
}

impl Reading {
    pub(crate) fn connection(&mut self) -> &mut PgConnection {
        self.connection.as_mut().expect("it is there until it is finished")
    }

    /// For `map_err`: what failed.
    pub(crate) fn failing(&self, attempted: &'static str) -> impl Fn(sqlx::Error) -> AskError + use<> {
        let timeout = self.timeout;
        move |source| AskError::database(attempted, timeout, None, source)
    }

    /// Gives the connection back.
    pub(crate) async fn finish(mut self) -> Result<(), AskError> {
        sqlx::raw_sql("ROLLBACK").execute(self.connection()).await.map_err(reading)?;
        drop(self.connection.take());
        Ok(())
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            drop(connection.detach());
        }
    }
}

/// A statement inside of this function runs with the rights of `orgraph_reader`, its owner, and PostgreSQL refuses to
/// change the role or the session's user within a function of that kind: not by `SET`, and not by `set_config` either.
/// `SET ROLE` alone would not do, because a statement could undo it.
const CAGE: &str = "\
    BEGIN READ WRITE;
    CREATE FUNCTION pg_temp.ask(question text) RETURNS SETOF text
    LANGUAGE plpgsql SECURITY DEFINER AS $cage$ BEGIN RETURN QUERY EXECUTE question; END $cage$;
    COMMIT";

async fn become_reader(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::raw_sql("SET ROLE orgraph_reader").execute(connection).await.map(drop)
}

/// How long after it was used a connection is taken to live.
const TRUSTED: Duration = Duration::from_secs(1);

/// PostgreSQL counts them with 31 bits.
const MOST_MILLISECONDS: u128 = i32::MAX as u128;

/// One moment of the graph for everything that is asked in the transaction.
async fn begin(connection: &mut PgConnection, timeout: Duration) -> Result<(), AskError> {
    // One message, because this comes before every question; what is put into it is a number.
    let begin = format!(
        "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL statement_timeout = {}",
        timeout.as_millis().clamp(1, MOST_MILLISECONDS)
    );
    say(connection, begin).await
}

/// Statements that take no values. Nothing that somebody asks is in them.
async fn say(connection: &mut PgConnection, statements: String) -> Result<(), AskError> {
    sqlx::raw_sql(AssertSqlSafe(statements)).execute(connection).await.map(drop).map_err(reading)
}

fn reading(source: sqlx::Error) -> AskError {
    AskError::Database { attempted: "begin to read", source }
}

fn connecting(source: sqlx::Error) -> AskError {
    match code(&source).as_deref() {
        Some("42501") => AskError::Privilege {
            attempted: "act as orgraph_reader",
            message: source.to_string(),
            help: "make its login a member: GRANT orgraph_reader TO …",
        },
        _ => AskError::Database { attempted: "connect to the database", source },
    }
}

fn code(error: &sqlx::Error) -> Option<String> {
    error.as_database_error().and_then(sqlx::error::DatabaseError::code).map(Cow::into_owned)
}
