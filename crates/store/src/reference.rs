//! Relationships whose other end is known by a property: looked up among the stored entities after every run.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use orgraph_model::vocabulary;
use orgraph_model::{
    EntityType, Key, Outcome, Partition, Properties, Region, Relationship, Snapshot, Status, Verb,
};
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
    /// remove: both ends of the lookup are stored rows, and those end only when a listing has proved it.
    pub async fn resolve_references(&self, lease: &Lease) -> Result<Snapshot> {
        let account = &lease.account;
        let started_at = self.now().await?;
        let rows: Vec<Match> = sqlx::query_as(include_str!("../queries/resolve_references.sql"))
            .bind(account.as_str())
            .fetch_all(&self.pool)
            .await
            .map_err(StoreError::attempting("resolve references"))?;
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
        let partition = Partition {
            account: account.clone(),
            region: Region::global(),
            collector: Self::REFERENCES.to_owned(),
        };
        let mut snapshot = Snapshot::without_rows(partition, started_at, outcome);
        let mut seen = HashSet::new();
        for row in rows {
            let relationship = row.relationship()?;
            let identity = (relationship.from.clone(), relationship.verb, relationship.to.clone());
            // Two references may lead to one relationship; the order of the query decides which describes it.
            if seen.insert(identity) {
                snapshot.relationships.push(relationship);
            }
        }
        snapshot.duration_ms = elapsed_ms(started_at, self.now().await?);
        Ok(snapshot)
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
