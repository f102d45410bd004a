//! Rows of relationships.

use std::borrow::Cow;
use std::collections::HashSet;

use orgraph_model::{EntityId, Mark, Properties, Relationship};
use sqlx::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;

use super::{MAX_STATEMENT_IDS, MAX_STATEMENT_ROWS, Work};
use crate::compare::{AbsentRelationship, StoredEnds};
use crate::{Result, StoreError};

impl Work<'_> {
    /// Adds to `foreign` what another partition owns.
    pub(super) async fn upsert_relationships(
        &self,
        tx: &mut PgConnection,
        places: &[usize],
        foreign: &mut HashSet<Uuid>,
    ) -> Result<()> {
        for places in places.chunks(MAX_STATEMENT_ROWS) {
            let marks: Vec<Mark> = places.iter().map(|at| self.prepared.marks.relationships[*at]).collect();
            let mut rows: Vec<Cow<'_, Relationship>> = Vec::with_capacity(marks.len());
            for mark in &marks {
                rows.push(self.prepared.rows().relationship(mark.place)?);
            }
            let mut ends: Vec<(EntityId, i16, EntityId)> = Vec::with_capacity(rows.len());
            for row in &rows {
                ends.push((row.from.key.id(), self.numbers.of(row)?, row.to.key.id()));
            }
            let written: Vec<StoredEnds> =
                sqlx::query_as(include_str!("../../queries/upsert_relationships.sql"))
                    .bind(self.partition_id)
                    .bind(self.ts)
                    .bind(ends.iter().map(|it| it.0).collect::<Vec<_>>())
                    .bind(ends.iter().map(|it| it.1).collect::<Vec<_>>())
                    .bind(ends.iter().map(|it| it.2).collect::<Vec<_>>())
                    .bind(rows.iter().map(|it| it.discriminator.as_str()).collect::<Vec<_>>())
                    .bind(marks.iter().map(|it| it.hash).collect::<Vec<_>>())
                    .bind(rows.iter().map(|it| it.from.key.as_str()).collect::<Vec<_>>())
                    .bind(rows.iter().map(|it| it.to.key.as_str()).collect::<Vec<_>>())
                    .bind(rows.iter().map(|it| some_properties(&it.properties)).collect::<Vec<_>>())
                    .fetch_all(&mut *tx)
                    .await
                    .map_err(StoreError::attempting("write relationships"))?;
            if written.len() == rows.len() {
                continue;
            }
            let written: HashSet<(EntityId, i16, EntityId, &str)> = written
                .iter()
                .map(|it| (it.from_id, it.rel_type, it.to_id, it.discriminator.as_str()))
                .collect();
            for ((mark, row), (from, number, to)) in marks.iter().zip(&rows).zip(ends) {
                if !written.contains(&(from, number, to, row.discriminator.as_str())) {
                    foreign.insert(mark.id);
                }
            }
        }
        Ok(())
    }

    pub(super) async fn delete_relationships(
        &self,
        tx: &mut PgConnection,
        rows: &[&AbsentRelationship],
    ) -> Result<()> {
        for rows in rows.chunks(MAX_STATEMENT_IDS) {
            let ends = || rows.iter().map(|it| &it.ends);
            sqlx::query(include_str!("../../queries/delete_relationships.sql"))
                .bind(self.partition_id)
                .bind(ends().map(|it| it.from_id).collect::<Vec<_>>())
                .bind(ends().map(|it| it.rel_type).collect::<Vec<_>>())
                .bind(ends().map(|it| it.to_id).collect::<Vec<_>>())
                .bind(ends().map(|it| it.discriminator.as_str()).collect::<Vec<_>>())
                .execute(&mut *tx)
                .await
                .map_err(StoreError::attempting("delete relationships"))?;
        }
        Ok(())
    }
}

fn some_properties(properties: &Properties) -> Option<Json<&Properties>> {
    (!properties.is_empty()).then_some(Json(properties))
}
