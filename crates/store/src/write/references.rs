//! Relationships whose other end has yet to be looked up.

use std::borrow::Cow;

use orgraph_model::{ContentHash, Reference, ReferenceMark};
use sqlx::PgConnection;
use sqlx::types::Json;

use super::{MAX_STATEMENT_IDS, MAX_STATEMENT_ROWS, Work};
use crate::{Result, StoreError};

impl Work<'_> {
    pub(super) async fn insert_references(&self, tx: &mut PgConnection, places: &[usize]) -> Result<()> {
        for places in places.chunks(MAX_STATEMENT_ROWS) {
            let marks: Vec<ReferenceMark> =
                places.iter().map(|at| self.prepared.marks.references[*at]).collect();
            let mut rows: Vec<Cow<'_, Reference>> = Vec::with_capacity(marks.len());
            for mark in &marks {
                rows.push(self.prepared.rows().reference(mark.place)?);
            }
            sqlx::query(include_str!("../../queries/insert_references.sql"))
                .bind(self.partition_id)
                .bind(marks.iter().map(|it| it.hash).collect::<Vec<_>>())
                .bind(marks.iter().map(|it| it.from).collect::<Vec<_>>())
                .bind(rows.iter().map(|it| it.from.key.as_str()).collect::<Vec<_>>())
                .bind(rows.iter().map(|it| it.from.entity_type.name).collect::<Vec<_>>())
                .bind(rows.iter().map(|it| it.verb.as_str()).collect::<Vec<_>>())
                .bind(rows.iter().map(|it| it.to_type.name).collect::<Vec<_>>())
                .bind(rows.iter().map(|it| it.property.as_str()).collect::<Vec<_>>())
                .bind(rows.iter().map(|it| it.value.as_str()).collect::<Vec<_>>())
                .bind(rows.iter().map(|it| it.reversed).collect::<Vec<_>>())
                .bind(rows.iter().map(|it| it.any_region).collect::<Vec<_>>())
                .bind(rows.iter().map(|it| Json(&it.properties)).collect::<Vec<_>>())
                .execute(&mut *tx)
                .await
                .map_err(StoreError::attempting("write references"))?;
        }
        Ok(())
    }

    pub(super) async fn delete_references(
        &self,
        tx: &mut PgConnection,
        hashes: &[ContentHash],
    ) -> Result<()> {
        for hashes in hashes.chunks(MAX_STATEMENT_IDS) {
            sqlx::query(
                "DELETE FROM orgraph_internal.reference AS r WHERE r.partition_id = $1 AND r.content_hash = ANY($2)",
            )
            .bind(self.partition_id)
            .bind(hashes)
            .execute(&mut *tx)
            .await
            .map_err(StoreError::attempting("delete references"))?;
        }
        Ok(())
    }
}
