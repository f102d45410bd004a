//! Relationships whose other end is known by a property: looked up among the stored entities after every run.

use std::collections::HashSet;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use futures_util::TryStreamExt;
use orgraph_model::vocabulary;
use orgraph_model::{
    AccountId, EntityType, Key, Outcome, Partition, Properties, Region, Relationship, RelationshipId,
    Snapshot, Status, Verb,
};
use orgraph_spill::{MemoryLimits, Spill};
use sqlx::FromRow;
use sqlx::types::Json;

use crate::{Lease, Result, Store, StoreError};

#[derive(Debug, FromRow)]
struct Match {
    from_key: String,
    from_type: String,
    verb: String,
    to_type: String,
    found_key: String,
    reversed: bool,
    properties: Json<Properties>,
}

impl Store {
    /// The collector name of the relationships that references give.
    pub const REFERENCES: &'static str = "link:references";

    /// Looks up all references of the account and gives what they lead to as a snapshot, to be reconciled like any
    /// other.
    ///
    /// It is partial while partitions of the account are not complete, because more matches may come. It may still
    /// remove: both ends of the lookup are stored rows, and those end only when a listing has proved it. What is more
    /// than `limits` allow in memory is set aside.
    pub async fn resolve_references(&self, lease: &Lease, limits: &MemoryLimits) -> Result<Snapshot> {
        let partition = Partition {
            account: lease.account.clone(),
            region: Region::global(),
            collector: Self::REFERENCES.to_owned(),
        };
        let started_at = self.now().await?;
        match self.resolved(&partition, started_at, limits).await {
            Err(StoreError::Rows(error)) => {
                let outcome = Outcome::because(Status::Failed, error.to_string());
                Ok(Snapshot::without_rows(partition, started_at, outcome))
            }
            resolved => resolved,
        }
    }

    async fn resolved(
        &self,
        partition: &Partition,
        started_at: DateTime<Utc>,
        limits: &MemoryLimits,
    ) -> Result<Snapshot> {
        let account = &partition.account;
        let found = self.look_up(account, limits).await?;
        let incomplete: Vec<String> = self
            .partitions(account)
            .await?
            .into_iter()
            .filter(|it| !it.partition.collector.contains(':'))
            .filter(|it| {
                !matches!(it.status, Some(Status::Complete | Status::RegionDisabled | Status::Unsupported))
            })
            .map(|it| format!("{}/{}", it.partition.region, it.partition.collector))
            .collect();
        let outcome = match incomplete.as_slice() {
            [] => Outcome::complete(),
            [first, ..] => {
                let count = incomplete.len();
                Outcome::because(
                    Status::Partial,
                    format!("{count} partitions are not complete, {first} among them"),
                )
            }
        };
        let mut snapshot = Snapshot::without_rows(partition.clone(), started_at, outcome);
        match found.spill {
            Some(spill) => snapshot.spilled = Some(Arc::new(spill.finish()?)),
            None => snapshot.relationships = found.relationships,
        }
        snapshot.duration_ms = elapsed_ms(started_at, self.now().await?);
        Ok(snapshot)
    }

    async fn look_up(&self, account: &AccountId, limits: &MemoryLimits) -> Result<Found> {
        let attempting = || StoreError::attempting("resolve references");
        let mut rows = sqlx::query_as::<_, Match>(include_str!("../queries/resolve_references.sql"))
            .bind(account.as_str())
            .fetch(&self.pool);
        let mut found = Found::default();
        while let Some(row) = rows.try_next().await.map_err(attempting())? {
            found.push(row.relationship()?, limits)?;
        }
        found.set_aside()?;
        Ok(found)
    }
}

/// The relationships found: in memory, or set aside from the first one when they are too many.
#[derive(Debug, Default)]
struct Found {
    seen: HashSet<RelationshipId>,
    relationships: Vec<Relationship>,
    spill: Option<Spill>,
}

impl Found {
    fn push(&mut self, relationship: Relationship, limits: &MemoryLimits) -> Result<()> {
        // Two references may lead to one relationship; the order of the query decides which describes it.
        if self.seen.insert(relationship.id()) {
            self.relationships.push(relationship);
        }
        if self.relationships.len() > limits.rows {
            let spill = self.spill.take().map_or_else(|| Spill::new(&limits.folder), Ok)?;
            self.spill = Some(spill);
            self.set_aside()?;
        }
        Ok(())
    }

    /// Nothing, unless something was set aside before.
    fn set_aside(&mut self) -> Result<()> {
        if let Some(spill) = &mut self.spill {
            for relationship in self.relationships.drain(..) {
                spill.relationship(&relationship)?;
            }
        }
        Ok(())
    }
}

fn elapsed_ms(from: DateTime<Utc>, to: DateTime<Utc>) -> u64 {
    u64::try_from((to - from).num_milliseconds()).unwrap_or_default()
}

impl Match {
    fn relationship(self) -> Result<Relationship> {
        let verb = Verb::by_name(&self.verb)
            .ok_or_else(|| StoreError::Unknown { what: "verb", value: self.verb.clone() })?;
        let known = entity_type(&self.from_type)?.at(Key::from(self.from_key));
        let found = entity_type(&self.to_type)?.at(Key::from(self.found_key));
        let (from, to) = if self.reversed { (found, known) } else { (known, found) };
        Ok(Relationship { from, verb, to, discriminator: String::new(), properties: self.properties.0 })
    }
}

fn entity_type(name: &str) -> Result<EntityType> {
    vocabulary::by_name(name)
        .ok_or_else(|| StoreError::Unknown { what: "entity type", value: name.to_owned() })
}
