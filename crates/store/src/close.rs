//! Ending rows by decree: an account that left, a region that was switched off. History keeps them, with the reason.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use orgraph_model::{AccountId, Outcome, Partition, Region, Snapshot, Status};

use crate::apply::{Count, Removal};
use crate::lease::check_lease;
use crate::{Lease, Result, Store, StoreError};

impl Store {
    /// Ends every row of the account and forgets its partitions. For an account that is known to have left, after its
    /// grace period; when interrupted, call it again.
    pub async fn close_account(&self, lease: &Lease, reason: &str) -> Result<Count> {
        let attempting = || StoreError::attempting("close an account");
        let partitions = self.partition_names(&lease.account).await?;
        let ended = self.close_partitions(lease, partitions, &Outcome::complete(), reason).await?;
        let mut tx = self.pool.begin().await.map_err(attempting())?;
        check_lease(&mut tx, lease).await?;
        sqlx::query("DELETE FROM orgraph_internal.partition AS p WHERE p.account_id = $1")
            .bind(lease.account.as_str())
            .execute(&mut *tx)
            .await
            .map_err(attempting())?;
        sqlx::query(
            "UPDATE orgraph_internal.account AS a SET closed_at = clock_timestamp() WHERE a.account_id = $1",
        )
        .bind(lease.account.as_str())
        .execute(&mut *tx)
        .await
        .map_err(attempting())?;
        tx.commit().await.map_err(attempting())?;
        Ok(ended)
    }

    /// Ends every row of a region that AWS says is not enabled for the account.
    pub async fn close_region(&self, lease: &Lease, region: &Region, reason: &str) -> Result<Count> {
        let mut partitions = self.partition_names(&lease.account).await?;
        partitions.retain(|it| it.region == *region);
        let outcome = Outcome::because(Status::RegionDisabled, reason);
        self.close_partitions(lease, partitions, &outcome, reason).await
    }

    async fn close_partitions(
        &self,
        lease: &Lease,
        partitions: Vec<Partition>,
        outcome: &Outcome,
        reason: &str,
    ) -> Result<Count> {
        let mut ended = Count::default();
        for partition in partitions {
            let now = self.now().await?;
            let nothing = Snapshot::without_rows(partition, now, outcome.clone());
            let applied = self.apply(lease, &nothing, &BTreeSet::new(), Removal::Decreed(reason)).await?;
            ended.entities += applied.removed.entities;
            ended.relationships += applied.removed.relationships;
        }
        Ok(ended)
    }

    async fn partition_names(&self, account: &AccountId) -> Result<Vec<Partition>> {
        Ok(self.partitions(account).await?.into_iter().map(|it| it.partition).collect())
    }

    /// The clock of the database, which leases and versions go by.
    pub async fn now(&self) -> Result<DateTime<Utc>> {
        sqlx::query_scalar("SELECT clock_timestamp()")
            .fetch_one(&self.pool)
            .await
            .map_err(StoreError::attempting("read the clock"))
    }
}
