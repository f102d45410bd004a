//! What can go wrong between the daemon and its database.

use chrono::{DateTime, Utc};
use orgraph_model::{AccountId, Partition, RowsError};

/// Why the database did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The address of the database cannot be used. The address itself is not shown: it may hold a password.
    #[error("the database address is not valid: {message}")]
    Address {
        /// What is wrong with it.
        message: String,
    },
    /// Nothing answered, or not in time.
    #[error("failed to connect to the database")]
    Connect(#[source] sqlx::Error),
    /// The login role may not do what setting up needs; an administrator has to.
    #[error(
        "the database role lacks a privilege for {attempted}: {message}; let an administrator run the statements of \
         queries/prepare_database.sql, or grant CREATEROLE and CREATE on the database"
    )]
    Privilege {
        /// What was attempted.
        attempted: &'static str,
        /// What PostgreSQL says.
        message: String,
    },
    /// The schema was written by a later release, which must not be worked on by this one.
    #[error(
        "the database schema is at version {found}, this program knows versions up to {known}: use the newer program"
    )]
    SchemaNewer {
        /// The version of the database.
        found: i64,
        /// The newest version known here.
        known: i64,
    },
    /// The schema has not been migrated.
    #[error(
        "the database schema is at version {found}, this program needs version {known}: migrate it first"
    )]
    SchemaOlder {
        /// The version of the database, 0 for an empty one.
        found: i64,
        /// The version needed.
        known: i64,
    },
    /// A migration failed; the ones before it are applied.
    #[error("failed to migrate the database schema")]
    Migrate(#[source] sqlx::migrate::MigrateError),
    /// Somebody else holds the account now: what was collected for it must be dropped.
    #[error("the lease of account {account} is lost")]
    LeaseLost {
        /// The account.
        account: AccountId,
    },
    /// A snapshot that began later is already stored.
    #[error("a snapshot of {partition} from {started_at} is older than the stored one from {stored}")]
    OlderSnapshot {
        /// The partition.
        partition: Partition,
        /// When the refused snapshot began.
        started_at: DateTime<Utc>,
        /// When the stored one began.
        stored: DateTime<Utc>,
    },
    /// A snapshot of one account came with the lease of another: a bug of the caller.
    #[error("a snapshot of {partition} came with the lease of account {lease}")]
    WrongAccount {
        /// The partition.
        partition: Partition,
        /// The account of the lease.
        lease: AccountId,
    },
    /// The name of a view cannot be used.
    #[error("{name:?} cannot be the name of a type view")]
    ViewName {
        /// The name.
        name: String,
    },
    /// What is stored cannot be read as what it should be.
    #[error("the database holds {what} {value:?}, which this program does not know")]
    Unknown {
        /// What kind of value.
        what: &'static str,
        /// The value.
        value: String,
    },
    /// The rows of a snapshot could not be read from where they were set aside. Nothing was written.
    #[error(transparent)]
    Rows(#[from] RowsError),
    /// A statement failed.
    #[error("failed to {attempted}")]
    Database {
        /// What was attempted.
        attempted: &'static str,
        /// What PostgreSQL or the connection says.
        #[source]
        source: sqlx::Error,
    },
}

impl StoreError {
    pub(crate) const RELATIONSHIP_TYPE: &'static str = "relationship type";

    /// For `map_err`: what was attempted when the statement failed.
    pub(crate) fn attempting(attempted: &'static str) -> impl FnOnce(sqlx::Error) -> Self {
        move |source| Self::Database { attempted, source }
    }

    /// Whether the database cannot be reached, so that nothing should be collected until it can.
    pub fn is_outage(&self) -> bool {
        let (Self::Connect(source) | Self::Database { source, .. }) = self else { return false };
        match source {
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::Protocol(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed => true,
            // Connection exceptions, shutdowns, resources such as a full disk.
            sqlx::Error::Database(error) => {
                error.code().is_some_and(|it| ["08", "57", "53"].iter().any(|class| it.starts_with(class)))
            }
            _ => false,
        }
    }

    /// Whether the same transaction may succeed when it is simply run again.
    pub(crate) fn is_conflict(&self) -> bool {
        self.has_code(&["40001", "40P01"])
    }

    /// Whether a kind of relationship has no number, as far as this program knows.
    pub(crate) fn is_unknown_type(&self) -> bool {
        matches!(self, Self::Unknown { what: Self::RELATIONSHIP_TYPE, .. })
    }

    /// Whether a row was there that should not have been.
    pub(crate) fn is_duplicate(&self) -> bool {
        self.has_code(&["23505"])
    }

    fn has_code(&self, codes: &[&str]) -> bool {
        let Self::Database { source: sqlx::Error::Database(error), .. } = self else { return false };
        error.code().is_some_and(|it| codes.contains(&it.as_ref()))
    }
}
