//! The upkeep of history: months ahead, and months that are over.

use chrono::{DateTime, Utc};

use crate::{Result, Store, StoreError};

impl Store {
    /// Prepares history for this month and the next two. Call it at start and daily.
    pub async fn ensure_history_partitions(&self, now: DateTime<Utc>) -> Result<()> {
        sqlx::query("SELECT orgraph_internal.ensure_history_partitions($1)")
            .bind(now)
            .execute(&self.pool)
            .await
            .map_err(StoreError::attempting("prepare history"))?;
        Ok(())
    }

    /// Drops the months of history that ended before a time at least a day ago, and tells how many tables went.
    pub async fn drop_history(&self, before: DateTime<Utc>) -> Result<u64> {
        let dropped: i32 = sqlx::query_scalar("SELECT orgraph_internal.drop_history($1)")
            .bind(before)
            .fetch_one(&self.pool)
            .await
            .map_err(StoreError::attempting("drop history"))?;
        Ok(u64::try_from(dropped).unwrap_or_default())
    }
}
