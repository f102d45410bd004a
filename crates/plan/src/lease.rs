//! Who may work on an account. The row lives in the database; its meaning lives here.

use chrono::{DateTime, Utc};
use uuid::Uuid;

/// The lease of one account as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeaseRow {
    /// Counts the claims.
    pub epoch: i64,
    /// Random for each claim: an epoch alone can come back after a crash or a failover that lost the last commits.
    pub token: Uuid,
    /// Who claimed it, for people.
    pub holder: String,
    /// Until when nobody else may claim it.
    pub expires_at: DateTime<Utc>,
}

/// The answer to somebody who wants a lease.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claim {
    /// It is free: write this epoch with a new token.
    Granted {
        /// The epoch of the new lease.
        epoch: i64,
    },
    /// Somebody works on the account, perhaps the asker itself: runs of one account never overlap.
    Busy {
        /// When to ask again at the earliest.
        until: DateTime<Utc>,
    },
}

/// Whether the lease may be claimed now.
pub fn may_claim(row: Option<&LeaseRow>, now: DateTime<Utc>) -> Claim {
    match row {
        Some(row) if row.expires_at > now => Claim::Busy { until: row.expires_at },
        Some(row) => Claim::Granted { epoch: row.epoch + 1 },
        None => Claim::Granted { epoch: 1 },
    }
}

/// Whether a worker with this epoch and token may write. A lease that ran out without being claimed by another still
/// may: nobody else can have written in between.
pub fn may_commit(row: Option<&LeaseRow>, epoch: i64, token: Uuid) -> bool {
    row.is_some_and(|row| row.epoch == epoch && row.token == token)
}
