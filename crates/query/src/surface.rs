//! The public views as types: one entity, its neighbors, the accounts, the coverage. Lists come in the order of their
//! keys, so that the next page is what comes after the last key of this one, whatever was written meanwhile.

use std::time::Duration;

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};
use sqlx::FromRow;
use sqlx::types::Json;

use crate::{AskError, Reader};

type Object = Json<Map<String, Value>>;

/// An entity with everything that is known of it.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema, FromRow)]
#[serde(rename_all = "camelCase")]
pub struct Entity {
    /// The ARN where AWS defines one, else `{type}:{parent}:{local id}`.
    #[serde(rename = "_key")]
    pub key: String,
    /// Its type, for instance `aws_instance`.
    #[serde(rename = "_type")]
    pub entity_type: String,
    /// The classes of its type.
    #[serde(rename = "_class")]
    pub class: Vec<String>,
    /// `integration-managed` when read from its own account, `system-mapper` when something else only names it.
    #[serde(rename = "_source")]
    pub source: String,
    /// The account it belongs to.
    pub account_id: String,
    /// The region it is in; `global` for what is in none.
    pub region: String,
    /// Its name.
    pub name: Option<String>,
    /// What people call it.
    pub display_name: Option<String>,
    /// What is known: absent means unknown, null means known to have no value.
    #[schemars(with = "Map<String, Value>")]
    pub properties: Object,
    /// Its tags.
    #[schemars(with = "Map<String, Value>")]
    pub tags: Object,
    /// When it appeared.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub first_seen: DateTime<Utc>,
    /// When it last changed.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub valid_from: DateTime<Utc>,
    /// When it was last confirmed by a complete listing.
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub last_seen: Option<DateTime<Utc>>,
}

/// An entity that another is related to, and how.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema, FromRow)]
#[serde(rename_all = "camelCase")]
pub struct Neighbor {
    /// The relationship.
    #[sqlx(flatten)]
    pub relationship: Related,
    /// The entity at its other end; its key and type alone when it is not stored.
    #[sqlx(flatten)]
    pub entity: Summary,
}

/// A relationship of an entity.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema, FromRow)]
#[serde(rename_all = "camelCase")]
pub struct Related {
    /// `{from}|{verb}|{to}`, and `|{discriminator}` where several are possible.
    #[serde(rename = "_key")]
    #[sqlx(rename = "relationship_key")]
    pub key: String,
    /// Its type, for instance `aws_vpc_has_subnet`.
    #[serde(rename = "_type")]
    #[sqlx(rename = "relationship_type")]
    pub relationship_type: String,
    /// The verb, for instance `HAS`.
    #[serde(rename = "_class")]
    #[sqlx(rename = "verb")]
    pub verb: String,
    /// The key of the entity it comes from.
    #[serde(rename = "_fromEntityKey")]
    #[sqlx(rename = "from_key")]
    pub from: String,
    /// The key of the entity it leads to.
    #[serde(rename = "_toEntityKey")]
    #[sqlx(rename = "to_key")]
    pub to: String,
    /// What it says.
    #[sqlx(rename = "relationship_properties")]
    #[schemars(with = "Map<String, Value>")]
    pub properties: Object,
}

/// An entity in short.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema, FromRow)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    /// Its key.
    #[serde(rename = "_key")]
    #[sqlx(rename = "entity_key")]
    pub key: String,
    /// Its type.
    #[serde(rename = "_type")]
    #[sqlx(rename = "entity_type")]
    pub entity_type: String,
    /// Whether it is stored. What is not stored was not read, or is in an account that is not.
    pub stored: bool,
    /// The account it belongs to.
    pub account_id: Option<String>,
    /// The region it is in.
    pub region: Option<String>,
    /// What people call it.
    pub display_name: Option<String>,
}

/// Which neighbors are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Only relationships that lead from the entity, or only those that lead to it.
    pub is_outward: Option<bool>,
    /// Only these verbs, in upper case.
    pub verbs: Option<Vec<String>>,
    /// Only neighbors of these types.
    pub types: Option<Vec<String>>,
    /// Only what comes after the relationship with this key.
    pub after: Option<String>,
    /// How many, at most.
    pub limit: u64,
    /// The time to look at; now when it is not said.
    pub as_of: Option<DateTime<Utc>>,
}

/// An account and where it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema, FromRow)]
#[serde(rename_all = "camelCase")]
pub struct Account {
    /// Its ID: 12 digits.
    pub account_id: String,
    /// What it is called.
    pub name: Option<String>,
    /// `pending`, `initializing`, `active`, `degraded`, `failing`, `suspended`, `skipped`, `excluded` or `left`.
    pub state: String,
    /// Why.
    pub state_reason: Option<String>,
    /// Whether it is the account that manages the organization.
    pub management: bool,
    /// How many entities its runs keep in the graph.
    pub entities: i64,
    /// How many relationships its runs keep in the graph.
    pub relationships: i64,
    /// When it became known.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub first_seen: DateTime<Utc>,
    /// When its last run began.
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub last_run_started_at: Option<DateTime<Utc>>,
    /// When its last run ended.
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub last_run_finished_at: Option<DateTime<Utc>>,
    /// When the next is due.
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub next_due_at: Option<DateTime<Utc>>,
}

/// What one collector read in one region of one account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema, FromRow)]
#[serde(rename_all = "camelCase")]
pub struct Partition {
    /// The account.
    pub account_id: String,
    /// The region, or `global`.
    pub region: String,
    /// The collector.
    pub collector: String,
    /// How its last reading ended: `complete`, `partial`, `denied_iam`, …; `never` when there was none.
    pub status: String,
    /// Why it is not complete.
    pub reason: Option<String>,
    /// When it was last tried.
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub last_attempt_at: Option<DateTime<Utc>>,
    /// When everything was last seen.
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub last_complete_at: Option<DateTime<Utc>>,
    /// Entities stored.
    pub entities: i64,
    /// Relationships stored.
    pub relationships: i64,
    /// Since when removals wait for a second listing to agree.
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub held_since: Option<DateTime<Utc>>,
}

/// Which partitions are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WantedPartitions {
    /// Only this account.
    pub account: Option<String>,
    /// Only those that are not complete.
    pub is_missing: bool,
    /// Only what comes after this account, region and collector.
    pub after: Option<(String, String, String)>,
    /// How many, at most.
    pub limit: u64,
}

impl Reader {
    /// What time it is for the database, whose times all versions bear.
    pub async fn now(&self, timeout: Duration) -> Result<DateTime<Utc>, AskError> {
        let mut reading = self.begin(timeout).await?;
        let now = sqlx::query_scalar("SELECT clock_timestamp()").fetch_one(reading.connection()).await;
        let now = now.map_err(failing("read the time", timeout))?;
        reading.finish().await?;
        Ok(now)
    }

    /// The entity with this key, if there is one.
    pub async fn entity(
        &self,
        key: &str,
        as_of: Option<DateTime<Utc>>,
        timeout: Duration,
    ) -> Result<Option<Entity>, AskError> {
        let mut reading = self.begin(timeout).await?;
        let statement = match as_of {
            None => sqlx::query_as(include_str!("../queries/read_entity.sql")).bind(key),
            Some(at) => sqlx::query_as(include_str!("../queries/read_entity_at.sql")).bind(key).bind(at),
        };
        let found = statement.fetch_optional(reading.connection()).await;
        let found = found.map_err(failing("read an entity", timeout))?;
        reading.finish().await?;
        Ok(found)
    }

    /// Entities that this one is related to, by the keys of the relationships. One more than the limit is read, so
    /// that whoever asks can see whether there are more.
    pub async fn neighbors(
        &self,
        key: &str,
        wanted: &Wanted,
        timeout: Duration,
    ) -> Result<Vec<Neighbor>, AskError> {
        let mut reading = self.begin(timeout).await?;
        let statement = match wanted.as_of {
            None => include_str!("../queries/read_neighbors.sql"),
            Some(_) => include_str!("../queries/read_neighbors_at.sql"),
        };
        let mut statement = sqlx::query_as(statement)
            .bind(key)
            .bind(wanted.is_outward)
            .bind(&wanted.verbs)
            .bind(&wanted.types)
            .bind(&wanted.after)
            .bind(one_more(wanted.limit));
        if let Some(at) = wanted.as_of {
            statement = statement.bind(at);
        }
        let found = statement.fetch_all(reading.connection()).await;
        let found = found.map_err(failing("read the neighbors of an entity", timeout))?;
        reading.finish().await?;
        Ok(found)
    }

    /// Every known account after this one; one more than the limit.
    pub async fn accounts(
        &self,
        after: Option<&str>,
        limit: u64,
        timeout: Duration,
    ) -> Result<Vec<Account>, AskError> {
        let mut reading = self.begin(timeout).await?;
        let statement = sqlx::query_as(include_str!("../queries/read_accounts.sql"));
        let found = statement.bind(after).bind(one_more(limit)).fetch_all(reading.connection()).await;
        let found = found.map_err(failing("read the accounts", timeout))?;
        reading.finish().await?;
        Ok(found)
    }

    /// Partitions, by account, region and collector; one more than the limit.
    pub async fn coverage(
        &self,
        wanted: &WantedPartitions,
        timeout: Duration,
    ) -> Result<Vec<Partition>, AskError> {
        let mut reading = self.begin(timeout).await?;
        let after = wanted.after.as_ref();
        let statement = sqlx::query_as(include_str!("../queries/read_coverage.sql"))
            .bind(&wanted.account)
            .bind(wanted.is_missing)
            .bind(after.map(|it| &it.0))
            .bind(after.map(|it| &it.1))
            .bind(after.map(|it| &it.2))
            .bind(one_more(wanted.limit));
        let found = statement.fetch_all(reading.connection()).await;
        let found = found.map_err(failing("read the coverage", timeout))?;
        reading.finish().await?;
        Ok(found)
    }
}

fn one_more(limit: u64) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1)
}

fn failing(attempted: &'static str, timeout: Duration) -> impl FnOnce(sqlx::Error) -> AskError {
    move |error| AskError::database(attempted, timeout, None, error)
}
