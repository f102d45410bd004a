//! What linkers read, as hashes, and what each of them last read. Whether it is the same again is for the caller to
//! decide; here is only what is asked of the database for that.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use orgraph_model::{AccountId, ContentHash, EntityId, Outcome};
use sqlx::FromRow;
use uuid::Uuid;

use crate::apply::FORCED_COMPARISON;
use crate::coverage::status_by_name;
use crate::{Lease, Result, Store, StoreError};

/// A hash over rows in whatever order, by their identities and content hashes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, FromRow)]
pub struct Stamp {
    /// One half.
    pub low: i64,
    /// The other.
    pub high: i64,
}

/// What a linker read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LinkInput {
    /// The hash of everything it read.
    pub hash: Uuid,
    /// Entities that it looked up by their keys, there or not.
    pub keys: BTreeSet<EntityId>,
    /// Types of which it looked up entities by a property, in whatever account.
    pub types: BTreeSet<String>,
    /// Kinds of relationship that it looked up, in words of the caller.
    pub relationships: BTreeSet<String>,
    /// What it can be run for alone, each with the hash of what its relationships rest on.
    pub parts: BTreeMap<EntityId, ContentHash>,
}

/// What a linker last read. Its rows are still those that it gave then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkState {
    /// The name of its partition.
    pub collector: String,
    /// How it ended.
    pub outcome: Outcome,
    /// The hash of everything it read.
    pub input: Uuid,
    /// Of the entities that it looked up by their keys, as they are now.
    pub keys: Stamp,
    /// Types of which it looked up entities by a property.
    pub types: BTreeSet<String>,
    /// Kinds of relationship that it looked up.
    pub relationships: BTreeSet<String>,
}

#[derive(Debug, FromRow)]
struct LinkStateRow {
    collector: String,
    status: String,
    reason: Option<String>,
    input: Uuid,
    types: Vec<String>,
    relationships: Vec<String>,
    #[sqlx(flatten)]
    keys: Stamp,
}

impl Store {
    /// What the linkers of an account last read, as far as what they gave is what is stored, nothing of it waits for a
    /// second listing, and it is not time to compute it anew whatever the hashes say.
    pub async fn link_states(&self, account: &AccountId) -> Result<Vec<LinkState>> {
        let rows: Vec<LinkStateRow> = sqlx::query_as(include_str!("../queries/read_link_inputs.sql"))
            .bind(account.as_str())
            .bind(FORCED_COMPARISON)
            .fetch_all(&self.pool)
            .await
            .map_err(StoreError::attempting("read the inputs of linkers"))?;
        rows.into_iter().map(LinkState::try_from).collect()
    }

    /// For each of these types, a hash over the entities of the account that no partition owns alone.
    pub async fn shared_stamps(
        &self,
        account: &AccountId,
        types: &BTreeSet<&str>,
    ) -> Result<BTreeMap<String, Stamp>> {
        let rows: Vec<(String, i64, i64)> = sqlx::query_as(include_str!("../queries/read_shared_stamps.sql"))
            .bind(account.as_str())
            .bind(types.iter().collect::<Vec<_>>())
            .fetch_all(&self.pool)
            .await
            .map_err(StoreError::attempting("hash shared entities"))?;
        Ok(rows.into_iter().map(|(name, low, high)| (name, Stamp { low, high })).collect())
    }

    /// A hash over the entities with these identities, as far as they are there.
    pub async fn stamp_of_keys(&self, keys: &BTreeSet<EntityId>) -> Result<Stamp> {
        sqlx::query_as(include_str!("../queries/read_stamp_of_keys.sql"))
            .bind(keys.iter().collect::<Vec<_>>())
            .fetch_one(&self.pool)
            .await
            .map_err(StoreError::attempting("hash entities by key"))
    }

    /// A hash over all that these collectors wrote in whatever account, and over all entities of these types that no
    /// partition owns alone.
    pub async fn stamp_anywhere(
        &self,
        collectors: &BTreeSet<&str>,
        types: &BTreeSet<String>,
    ) -> Result<Stamp> {
        sqlx::query_as(include_str!("../queries/read_stamp_anywhere.sql"))
            .bind(collectors.iter().collect::<Vec<_>>())
            .bind(types.iter().collect::<Vec<_>>())
            .fetch_one(&self.pool)
            .await
            .map_err(StoreError::attempting("hash what collectors wrote"))
    }

    /// Records what a linker read to give what is stored now. To be called after its rows are written.
    pub async fn record_link_input(&self, lease: &Lease, collector: &str, input: &LinkInput) -> Result<()> {
        sqlx::query(include_str!("../queries/upsert_link_input.sql"))
            .bind(lease.account.as_str())
            .bind(lease.epoch)
            .bind(lease.token)
            .bind(collector)
            .bind(input.hash)
            .bind(input.keys.iter().collect::<Vec<_>>())
            .bind(input.types.iter().collect::<Vec<_>>())
            .bind(input.relationships.iter().collect::<Vec<_>>())
            .bind(input.parts.keys().collect::<Vec<_>>())
            .bind(input.parts.values().collect::<Vec<_>>())
            .execute(&self.pool)
            .await
            .map_err(StoreError::attempting("record the input of a linker"))?;
        Ok(())
    }

    /// Records for these linkers of an account that their rows were found to be what they would give.
    pub async fn confirm_links(
        &self,
        lease: &Lease,
        collectors: &[String],
        started_at: DateTime<Utc>,
    ) -> Result<()> {
        if collectors.is_empty() {
            return Ok(());
        }
        sqlx::query(include_str!("../queries/confirm_links.sql"))
            .bind(lease.account.as_str())
            .bind(lease.epoch)
            .bind(lease.token)
            .bind(collectors)
            .bind(started_at)
            .execute(&self.pool)
            .await
            .map_err(StoreError::attempting("confirm linkers"))?;
        Ok(())
    }

    /// What each part of a linker of an account rested on when it gave what is stored.
    pub async fn link_parts(
        &self,
        account: &AccountId,
        collector: &str,
    ) -> Result<BTreeMap<EntityId, ContentHash>> {
        let row: Option<(Vec<Uuid>, Vec<Uuid>)> =
            sqlx::query_as(include_str!("../queries/read_link_parts.sql"))
                .bind(account.as_str())
                .bind(collector)
                .fetch_optional(&self.pool)
                .await
                .map_err(StoreError::attempting("read the parts of a linker"))?;
        Ok(row.map(|(ids, hashes)| ids.into_iter().zip(hashes).collect()).unwrap_or_default())
    }
}

impl TryFrom<LinkStateRow> for LinkState {
    type Error = StoreError;

    fn try_from(row: LinkStateRow) -> Result<Self> {
        let unknown = || StoreError::Unknown { what: "status", value: row.status.clone() };
        let status = status_by_name(&row.status)?.ok_or_else(unknown)?;
        Ok(Self {
            collector: row.collector,
            outcome: Outcome { reason: row.reason, ..Outcome::because(status, "") },
            input: row.input,
            keys: row.keys,
            types: row.types.into_iter().collect(),
            relationships: row.relationships.into_iter().collect(),
        })
    }
}
