//! Rows of entities that one partition owns.

use std::borrow::Cow;
use std::collections::HashSet;

use orgraph_model::{Entity, EntityId, Mark, Properties};
use sqlx::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;

use super::{MAX_STATEMENT_IDS, MAX_STATEMENT_ROWS, Work};
use crate::{Result, StoreError, unknown};

impl Work<'_> {
    /// Adds to `foreign` what another partition owns.
    pub(super) async fn upsert_own(
        &self,
        tx: &mut PgConnection,
        places: &[usize],
        foreign: &mut HashSet<Uuid>,
    ) -> Result<()> {
        for places in places.chunks(MAX_STATEMENT_ROWS) {
            let marks: Vec<Mark> = places.iter().map(|at| self.prepared.marks.own[*at]).collect();
            let entities = unknown::entities(tx, self.partition_id, self.prepared, &marks).await?;
            let columns = EntityColumns::of(&marks, &entities);
            let written: HashSet<Uuid> =
                sqlx::query_scalar(include_str!("../../queries/upsert_entities.sql"))
                    .bind(self.partition_id)
                    .bind(self.ts)
                    .bind(columns.ids)
                    .bind(columns.types)
                    .bind(columns.classes)
                    .bind(columns.accounts)
                    .bind(columns.regions)
                    .bind(columns.keys)
                    .bind(columns.names)
                    .bind(columns.display_names)
                    .bind(columns.hashes)
                    .bind(columns.properties)
                    .bind(columns.tags)
                    .fetch_all(&mut *tx)
                    .await
                    .map_err(StoreError::attempting("write entities"))?
                    .into_iter()
                    .collect();
            if written.len() < marks.len() {
                foreign.extend(marks.iter().map(|it| it.id).filter(|it| !written.contains(it)));
            }
        }
        Ok(())
    }

    pub(super) async fn delete_entities(&self, tx: &mut PgConnection, ids: &[EntityId]) -> Result<()> {
        for ids in ids.chunks(MAX_STATEMENT_IDS) {
            sqlx::query(
                "DELETE FROM orgraph_internal.entity AS e WHERE e.id = ANY($2) AND e.partition_id = $1",
            )
            .bind(self.partition_id)
            .bind(ids)
            .execute(&mut *tx)
            .await
            .map_err(StoreError::attempting("delete entities"))?;
        }
        Ok(())
    }
}

/// Entities as arrays, one per column.
pub(super) struct EntityColumns<'a> {
    pub(super) ids: Vec<Uuid>,
    pub(super) types: Vec<&'a str>,
    pub(super) classes: Vec<String>,
    pub(super) accounts: Vec<&'a str>,
    pub(super) regions: Vec<&'a str>,
    pub(super) keys: Vec<&'a str>,
    pub(super) names: Vec<Option<&'a str>>,
    pub(super) display_names: Vec<Option<&'a str>>,
    pub(super) hashes: Vec<Uuid>,
    pub(super) properties: Vec<Json<&'a Properties>>,
    pub(super) tags: Vec<Json<&'a Properties>>,
}

impl<'a> EntityColumns<'a> {
    pub(super) fn of(marks: &[Mark], entities: &'a [Cow<'_, Entity>]) -> Self {
        let entities = || entities.iter().map(|it| &**it);
        Self {
            ids: marks.iter().map(|it| it.id).collect(),
            types: entities().map(|it| it.entity_type.name).collect(),
            classes: entities().map(|it| it.entity_type.class.join(",")).collect(),
            accounts: entities().map(|it| it.account.as_str()).collect(),
            regions: entities().map(|it| it.region.as_str()).collect(),
            keys: entities().map(|it| it.key.as_str()).collect(),
            names: entities().map(|it| it.name.as_deref()).collect(),
            display_names: entities().map(|it| it.display_name.as_deref()).collect(),
            hashes: marks.iter().map(|it| it.hash).collect(),
            properties: entities().map(|it| Json(&it.properties)).collect(),
            tags: entities().map(|it| Json(&it.tags)).collect(),
        }
    }
}
