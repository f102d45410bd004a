//! The row of a partition: locking it, and recording how a run ended.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use orgraph_model::{Gap, Key, Outcome, Partition};
use orgraph_plan::Held;
use sqlx::types::Json;
use sqlx::{FromRow, PgConnection, PgPool};
use uuid::Uuid;

use crate::apply::{Count, signed};
use crate::prepare::Prepared;
use crate::write::MAX_STATEMENT_ROWS;
use crate::{Lease, Result, StoreError};

/// What is stored about a partition itself.
#[derive(Debug, FromRow)]
pub(crate) struct PartitionRow {
    pub partition_id: i32,
    pub seq: i64,
    pub digest: Option<Uuid>,
    pub gaps_digest: Option<Uuid>,
    pub last_started_at: Option<DateTime<Utc>>,
    pub last_written_at: Option<DateTime<Utc>>,
    pub is_held: bool,
    /// The clock of the database.
    pub now: DateTime<Utc>,
}

/// What the end of a run leaves in the row of its partition.
#[derive(Debug)]
pub(crate) struct Record<'a> {
    pub started_at: DateTime<Utc>,
    pub outcome: &'a Outcome,
    pub digest: Option<Uuid>,
    pub entities: i64,
    pub relationships: i64,
    pub is_held: bool,
    /// When rows were last written; `None` when this run wrote none.
    pub written_at: Option<DateTime<Utc>>,
}

/// Removals that wait, and what is said about them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Waiting<'a> {
    pub held: &'a Held,
    pub reason: &'static str,
    pub rows: Count,
}

/// Locks the partition until the transaction ends, after making it if it is new.
pub(crate) async fn lock_partition(
    connection: &mut PgConnection,
    partition: &Partition,
) -> Result<PartitionRow> {
    let attempting = || StoreError::attempting("lock a partition");
    for _ in 0..2 {
        let row = sqlx::query_as(include_str!("../queries/lock_partition.sql"))
            .bind(partition.account.as_str())
            .bind(partition.region.as_str())
            .bind(&partition.collector)
            .fetch_optional(&mut *connection)
            .await
            .map_err(attempting())?;
        if let Some(row) = row {
            return Ok(row);
        }
        sqlx::query(include_str!("../queries/insert_partition.sql"))
            .bind(partition.account.as_str())
            .bind(partition.region.as_str())
            .bind(&partition.collector)
            .execute(&mut *connection)
            .await
            .map_err(attempting())?;
    }
    Err(StoreError::Database { attempted: "lock a partition", source: sqlx::Error::RowNotFound })
}

/// Records a run that gave no rows.
pub(crate) async fn record_attempt(
    connection: &mut PgConnection,
    partition_id: i32,
    prepared: &Prepared<'_>,
    started_at: DateTime<Utc>,
) -> Result<()> {
    sqlx::query(include_str!("../queries/record_attempt.sql"))
        .bind(partition_id)
        .bind(prepared.outcome.status.as_str())
        .bind(prepared.outcome.reason.as_deref())
        .bind(prepared.calls)
        .bind(prepared.duration_ms)
        .bind(started_at)
        .bind(prepared.gaps_digest)
        .execute(connection)
        .await
        .map_err(StoreError::attempting("record an attempt"))?;
    Ok(())
}

/// Records a run whose rows are exactly those stored, if they are, without a transaction of its own. Whether it did.
pub(crate) async fn confirm_unchanged(
    pool: &PgPool,
    lease: &Lease,
    prepared: &Prepared<'_>,
    digest: Uuid,
    forced_comparison: i64,
) -> Result<bool> {
    let done = sqlx::query(include_str!("../queries/confirm_unchanged.sql"))
        .bind(prepared.partition.account.as_str())
        .bind(prepared.partition.region.as_str())
        .bind(&prepared.partition.collector)
        .bind(lease.epoch)
        .bind(lease.token)
        .bind(prepared.outcome.status.as_str())
        .bind(prepared.outcome.reason.as_deref())
        .bind(prepared.calls)
        .bind(prepared.duration_ms)
        .bind(prepared.started_at)
        .bind(digest)
        .bind(prepared.gaps_digest)
        .bind(forced_comparison)
        .execute(pool)
        .await
        .map_err(StoreError::attempting("confirm a partition"))?;
    Ok(done.rows_affected() > 0)
}

/// Records a run whose rows are exactly those stored: the only write of an unchanged partition.
pub(crate) async fn record_unchanged(
    connection: &mut PgConnection,
    partition_id: i32,
    prepared: &Prepared<'_>,
    started_at: DateTime<Utc>,
) -> Result<()> {
    sqlx::query(include_str!("../queries/record_unchanged.sql"))
        .bind(partition_id)
        .bind(prepared.outcome.status.as_str())
        .bind(prepared.outcome.reason.as_deref())
        .bind(prepared.calls)
        .bind(prepared.duration_ms)
        .bind(started_at)
        .bind(prepared.gaps_digest)
        .execute(connection)
        .await
        .map_err(StoreError::attempting("record an unchanged partition"))?;
    Ok(())
}

/// Records a run whose rows were compared one by one.
pub(crate) async fn record_applied(
    connection: &mut PgConnection,
    partition_id: i32,
    prepared: &Prepared<'_>,
    record: &Record<'_>,
) -> Result<()> {
    sqlx::query(include_str!("../queries/record_applied.sql"))
        .bind(partition_id)
        .bind(record.outcome.status.as_str())
        .bind(record.outcome.reason.as_deref())
        .bind(prepared.calls)
        .bind(prepared.duration_ms)
        .bind(record.started_at)
        .bind(prepared.gaps_digest)
        .bind(record.digest)
        .bind(record.entities)
        .bind(record.relationships)
        .bind(record.written_at)
        .bind(record.is_held)
        .execute(connection)
        .await
        .map_err(StoreError::attempting("record a partition"))?;
    Ok(())
}

/// Replaces the gaps of the partition, unless they are the ones stored.
pub(crate) async fn write_gaps(
    connection: &mut PgConnection,
    row: &PartitionRow,
    prepared: &Prepared<'_>,
) -> Result<()> {
    if row.gaps_digest == prepared.gaps_digest {
        return Ok(());
    }
    let attempting = || StoreError::attempting("write gaps");
    sqlx::query("DELETE FROM orgraph_internal.gap AS g WHERE g.partition_id = $1")
        .bind(row.partition_id)
        .execute(&mut *connection)
        .await
        .map_err(attempting())?;
    for (marks, before) in prepared.gaps.chunks(MAX_STATEMENT_ROWS).zip((0..).step_by(MAX_STATEMENT_ROWS)) {
        let mut gaps: Vec<Cow<'_, Gap>> = Vec::with_capacity(marks.len());
        for mark in marks {
            gaps.push(prepared.rows().gap(mark.place)?);
        }
        insert_gaps(connection, row, before, &gaps).await?;
    }
    Ok(())
}

async fn insert_gaps(
    connection: &mut PgConnection,
    row: &PartitionRow,
    before: i64,
    gaps: &[Cow<'_, Gap>],
) -> Result<()> {
    sqlx::query(include_str!("../queries/insert_gaps.sql"))
        .bind(row.partition_id)
        .bind(row.now)
        .bind(before)
        .bind(gaps.iter().map(|it| it.kind.as_str()).collect::<Vec<_>>())
        .bind(gaps.iter().map(|it| it.key.as_ref().map(Key::as_str)).collect::<Vec<_>>())
        .bind(gaps.iter().map(|it| it.operation.as_str()).collect::<Vec<_>>())
        .bind(gaps.iter().map(|it| Json(&it.properties)).collect::<Vec<_>>())
        .bind(gaps.iter().map(|it| it.status.as_str()).collect::<Vec<_>>())
        .bind(gaps.iter().map(|it| it.reason.as_str()).collect::<Vec<_>>())
        .execute(connection)
        .await
        .map_err(StoreError::attempting("write gaps"))?;
    Ok(())
}

/// The removals that wait in this partition.
pub(crate) async fn read_hold(connection: &mut PgConnection, row: &PartitionRow) -> Result<Option<Held>> {
    if !row.is_held {
        return Ok(None);
    }
    let held: Option<(DateTime<Utc>, Vec<Uuid>)> =
        sqlx::query_as("SELECT h.since, h.row_ids FROM orgraph_internal.hold AS h WHERE h.partition_id = $1")
            .bind(row.partition_id)
            .fetch_optional(connection)
            .await
            .map_err(StoreError::attempting("read a hold"))?;
    Ok(held.map(|(since, rows)| Held { since, rows: rows.into_iter().collect() }))
}

/// Makes what waits the hold of the partition.
pub(crate) async fn write_hold(
    connection: &mut PgConnection,
    row: &PartitionRow,
    waiting: Option<Waiting<'_>>,
) -> Result<()> {
    let attempting = || StoreError::attempting("write a hold");
    match waiting {
        None if !row.is_held => {}
        None => {
            sqlx::query("DELETE FROM orgraph_internal.hold AS h WHERE h.partition_id = $1")
                .bind(row.partition_id)
                .execute(connection)
                .await
                .map_err(attempting())?;
        }
        Some(Waiting { held, reason, rows }) => {
            sqlx::query(include_str!("../queries/upsert_hold.sql"))
                .bind(row.partition_id)
                .bind(held.since)
                .bind(reason)
                .bind(held.rows.iter().copied().collect::<Vec<_>>())
                .bind(signed(rows.entities))
                .bind(signed(rows.relationships))
                .execute(connection)
                .await
                .map_err(attempting())?;
        }
    }
    Ok(())
}
