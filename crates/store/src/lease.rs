//! Leases: who may write the rows of an account.

use chrono::{DateTime, TimeDelta, Utc};
use orgraph_model::AccountId;
use orgraph_plan::{Claim, LeaseRow, may_claim, may_commit};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{Result, Store, StoreError};

/// The right to work on one account, until it runs out or somebody else claims it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// The account.
    pub account: AccountId,
    /// Counts the claims.
    pub epoch: i64,
    /// Random for each claim.
    pub token: Uuid,
    /// Until when nobody else can claim it, by the clock of the database.
    pub expires_at: DateTime<Utc>,
}

impl Store {
    /// Claims the account for `ttl`; `None` when somebody holds it. The claim is on disk before this returns, so that
    /// no crash can give the same epoch to two workers.
    pub async fn claim_lease(
        &self,
        account: &AccountId,
        holder: &str,
        ttl: TimeDelta,
    ) -> Result<Option<Lease>> {
        let attempting = || StoreError::attempting("claim a lease");
        let mut tx =
            self.pool.begin_with("BEGIN; SET LOCAL synchronous_commit = on").await.map_err(attempting())?;
        sqlx::query(include_str!("../queries/insert_lease.sql"))
            .bind(account.as_str())
            .execute(&mut *tx)
            .await
            .map_err(attempting())?;
        let (row, now) = lock_lease(&mut tx, account, include_str!("../queries/lock_lease.sql")).await?;
        let Claim::Granted { epoch } = may_claim(row.as_ref(), now) else {
            return Ok(None);
        };
        let lease = Lease { account: account.clone(), epoch, token: Uuid::new_v4(), expires_at: now + ttl };
        sqlx::query(include_str!("../queries/update_lease.sql"))
            .bind(account.as_str())
            .bind(lease.epoch)
            .bind(lease.token)
            .bind(holder)
            .bind(now)
            .bind(lease.expires_at)
            .execute(&mut *tx)
            .await
            .map_err(attempting())?;
        tx.commit().await.map_err(attempting())?;
        Ok(Some(lease))
    }

    /// Keeps the lease for `ttl` from now.
    pub async fn renew_lease(&self, lease: &Lease, ttl: TimeDelta) -> Result<Lease> {
        let seconds = ttl.as_seconds_f64();
        let expires_at: Option<DateTime<Utc>> =
            sqlx::query_scalar(include_str!("../queries/renew_lease.sql"))
                .bind(lease.account.as_str())
                .bind(lease.epoch)
                .bind(lease.token)
                .bind(seconds)
                .fetch_optional(&self.pool)
                .await
                .map_err(StoreError::attempting("renew a lease"))?;
        match expires_at {
            Some(expires_at) => Ok(Lease { expires_at, ..lease.clone() }),
            None => Err(StoreError::LeaseLost { account: lease.account.clone() }),
        }
    }

    /// Gives the lease back, so that the next run need not wait for its end. Nothing happens if it is lost already.
    pub async fn release_lease(&self, lease: &Lease) -> Result<()> {
        sqlx::query(include_str!("../queries/release_lease.sql"))
            .bind(lease.account.as_str())
            .bind(lease.epoch)
            .bind(lease.token)
            .execute(&self.pool)
            .await
            .map_err(StoreError::attempting("release a lease"))?;
        Ok(())
    }
}

/// Fails unless the lease still stands, and keeps others from claiming it until the transaction ends.
pub(crate) async fn check_lease(connection: &mut PgConnection, lease: &Lease) -> Result<()> {
    let (row, _) = lock_lease(connection, &lease.account, include_str!("../queries/hold_lease.sql")).await?;
    if may_commit(row.as_ref(), lease.epoch, lease.token) {
        Ok(())
    } else {
        Err(StoreError::LeaseLost { account: lease.account.clone() })
    }
}

type LockedLease = (i64, Uuid, String, DateTime<Utc>, DateTime<Utc>);

async fn lock_lease(
    connection: &mut PgConnection,
    account: &AccountId,
    query: &'static str,
) -> Result<(Option<LeaseRow>, DateTime<Utc>)> {
    let row: Option<LockedLease> = sqlx::query_as(query)
        .bind(account.as_str())
        .fetch_optional(connection)
        .await
        .map_err(StoreError::attempting("lock a lease"))?;
    Ok(match row {
        // An epoch of 0 is the row that a first claim locks.
        Some((0, .., now)) => (None, now),
        Some((epoch, token, holder, expires_at, now)) => {
            (Some(LeaseRow { epoch, token, holder, expires_at }), now)
        }
        None => (None, DateTime::UNIX_EPOCH),
    })
}
