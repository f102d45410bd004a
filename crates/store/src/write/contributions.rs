//! What one partition says about entities that several may speak of.

use orgraph_model::{EntityId, Mark, Source};
use sqlx::PgConnection;

use super::entities::EntityColumns;
use super::{MAX_STATEMENT_IDS, MAX_STATEMENT_ROWS, Work};
use crate::{Result, StoreError, unknown};

impl Work<'_> {
    pub(super) async fn upsert_contributions(&self, tx: &mut PgConnection, places: &[usize]) -> Result<()> {
        for places in places.chunks(MAX_STATEMENT_ROWS) {
            let marks: Vec<Mark> = places.iter().map(|at| self.prepared.marks.contributed[*at]).collect();
            let entities = unknown::entities(tx, self.partition_id, self.prepared, &marks).await?;
            let columns = EntityColumns::of(&marks, &entities);
            let placeholders: Vec<bool> =
                entities.iter().map(|it| it.source == Source::SystemMapper).collect();
            let volatile: Vec<String> = entities.iter().map(|it| it.volatile.join(",")).collect();
            sqlx::query(include_str!("../../queries/upsert_contributions.sql"))
                .bind(self.partition_id)
                .bind(columns.ids)
                .bind(placeholders)
                .bind(columns.types)
                .bind(columns.classes)
                .bind(columns.accounts)
                .bind(columns.regions)
                .bind(columns.keys)
                .bind(columns.names)
                .bind(columns.display_names)
                .bind(columns.hashes)
                .bind(volatile)
                .bind(columns.properties)
                .bind(columns.tags)
                .execute(&mut *tx)
                .await
                .map_err(StoreError::attempting("write contributions"))?;
        }
        Ok(())
    }

    pub(super) async fn delete_contributions(&self, tx: &mut PgConnection, ids: &[EntityId]) -> Result<()> {
        for ids in ids.chunks(MAX_STATEMENT_IDS) {
            sqlx::query(
                "DELETE FROM orgraph_internal.contribution AS c WHERE c.entity_id = ANY($2) AND c.partition_id = $1",
            )
            .bind(self.partition_id)
            .bind(ids)
            .execute(&mut *tx)
            .await
            .map_err(StoreError::attempting("delete contributions"))?;
        }
        Ok(())
    }
}
