//! What is stored of a partition, as far as comparing needs it.

use std::collections::HashMap;

use orgraph_model::{ContentHash, EntityId};
use sqlx::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;

use crate::digest::{RelationshipId, digest};
use crate::prepare::{Prepared, Previous};
use crate::{Result, StoreError};

/// Identities and content hashes of the stored rows of a partition.
#[derive(Debug, Default)]
pub(crate) struct Stored {
    pub own: HashMap<EntityId, ContentHash>,
    pub contributed: HashMap<EntityId, ContentHash>,
    pub relationships: HashMap<RelationshipId, ContentHash>,
    /// With the known end, which protects it.
    pub references: HashMap<ContentHash, EntityId>,
}

impl Stored {
    pub(crate) async fn read(connection: &mut PgConnection, partition_id: i32) -> Result<Self> {
        let attempting = || StoreError::attempting("read the rows of a partition");
        let own: Vec<(Uuid, Uuid)> = sqlx::query_as(
            "SELECT e.id, e.content_hash FROM orgraph_internal.entity AS e WHERE e.partition_id = $1",
        )
        .bind(partition_id)
        .fetch_all(&mut *connection)
        .await
        .map_err(attempting())?;
        let contributed: Vec<(Uuid, Uuid)> = sqlx::query_as(
            "SELECT c.entity_id, c.content_hash FROM orgraph_internal.contribution AS c WHERE c.partition_id = $1",
        )
        .bind(partition_id)
        .fetch_all(&mut *connection)
        .await
        .map_err(attempting())?;
        let relationships: Vec<(Uuid, i16, Uuid, String, Uuid)> =
            sqlx::query_as(include_str!("../queries/read_relationships.sql"))
                .bind(partition_id)
                .fetch_all(&mut *connection)
                .await
                .map_err(attempting())?;
        let references: Vec<(Uuid, Uuid)> = sqlx::query_as(
            "SELECT r.content_hash, r.from_id FROM orgraph_internal.reference AS r WHERE r.partition_id = $1",
        )
        .bind(partition_id)
        .fetch_all(connection)
        .await
        .map_err(attempting())?;
        Ok(Self {
            own: own.into_iter().collect(),
            contributed: contributed.into_iter().collect(),
            relationships: relationships
                .into_iter()
                .map(|(from, rel_type, to, discriminator, hash)| {
                    (RelationshipId { from, rel_type, to, discriminator }, hash)
                })
                .collect(),
            references: references.into_iter().collect(),
        })
    }

    pub(crate) fn entities(&self) -> usize {
        self.own.len() + self.contributed.len()
    }

    pub(crate) fn digest(&self) -> Uuid {
        digest(
            self.own.iter().chain(&self.contributed).map(|(id, hash)| (*id, *hash)),
            self.relationships.iter().map(|(id, hash)| (id, *hash)),
            self.references.keys().copied(),
        )
    }
}

type PreviousRow =
    (Uuid, Option<String>, Option<String>, Json<orgraph_model::Properties>, Json<orgraph_model::Properties>);

/// Fills in what the run could not learn with what the partition said before.
pub(crate) async fn keep_unknown(
    connection: &mut PgConnection,
    partition_id: i32,
    prepared: &mut Prepared,
) -> Result<()> {
    let unknown = prepared.unknown();
    if unknown.is_empty() {
        return Ok(());
    }
    let rows: Vec<PreviousRow> = sqlx::query_as(include_str!("../queries/read_previous.sql"))
        .bind(partition_id)
        .bind(unknown.keys().copied().collect::<Vec<_>>())
        .fetch_all(connection)
        .await
        .map_err(StoreError::attempting("read previous values"))?;
    for (id, name, display_name, Json(properties), Json(tags)) in rows {
        let previous = Previous { name, display_name, properties, tags };
        prepared.keep_previous(&id, &unknown[&id], &previous);
    }
    Ok(())
}
