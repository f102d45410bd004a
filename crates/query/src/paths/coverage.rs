//! What an answer rests on.

use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::PgConnection;

use super::PathError;

const COVERAGE: &str =
    "SELECT count(*), count(*) FILTER (WHERE c.status IN ('complete', 'region_disabled', 'unsupported')),
  min(c.last_complete_at)
FROM orgraph.coverage AS c";

const MISSING: &str = "SELECT c.account_id, c.region, c.collector, c.status, c.last_complete_at
FROM orgraph.coverage AS c
WHERE c.status NOT IN ('complete', 'region_disabled', 'unsupported')
ORDER BY c.account_id, c.region, c.collector
LIMIT $1";

/// How many partitions are named.
const NAMED: i64 = 1000;

/// How much of the organization an answer has seen. A path that is not found may lead through what is missing.
#[derive(Debug, Clone, Serialize)]
pub struct Coverage {
    /// How many partitions there are: collectors in regions of accounts.
    pub partitions: i64,
    /// How many of them are complete, or have nothing to read.
    pub complete: i64,
    /// The oldest last complete reading of all partitions.
    pub oldest: Option<DateTime<Utc>>,
    /// Those that are not complete, in order, at most a thousand.
    pub missing: Vec<MissingPartition>,
}

/// A partition that is not complete.
#[derive(Debug, Clone, Serialize, sqlx::FromRow)]
pub struct MissingPartition {
    /// Its account.
    pub account_id: String,
    /// Its region.
    pub region: String,
    /// What was to be read.
    pub collector: String,
    /// How it ended.
    pub status: String,
    /// When it was complete last.
    pub last_complete_at: Option<DateTime<Utc>>,
}

impl Coverage {
    /// Reads it as it is now.
    pub async fn read(connection: &mut PgConnection) -> Result<Self, PathError> {
        let attempting = PathError::attempting;
        let (partitions, complete, oldest): (i64, i64, Option<DateTime<Utc>>) = sqlx::query_as(COVERAGE)
            .fetch_one(&mut *connection)
            .await
            .map_err(attempting("read the coverage"))?;
        let missing = sqlx::query_as(MISSING).bind(NAMED).fetch_all(connection).await;
        let missing = missing.map_err(attempting("read the coverage"))?;
        Ok(Self { partitions, complete, oldest, missing })
    }

    /// How many partitions are not complete.
    pub fn incomplete(&self) -> i64 {
        self.partitions - self.complete
    }
}
