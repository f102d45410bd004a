//! Small graphs, in memory and as rows.

use chrono::{DateTime, Utc};
use orgraph_model::vocabulary;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sqlx::PgConnection;
use sqlx::types::Json;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Graph {
    pub(crate) entities: Vec<Entity>,
    pub(crate) relationships: Vec<Relationship>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Entity {
    pub(crate) key: String,
    #[serde(rename = "type")]
    pub(crate) entity_type: String,
    #[serde(default)]
    pub(crate) placeholder: bool,
    #[serde(default = "account")]
    pub(crate) account: String,
    #[serde(default)]
    pub(crate) name: Option<String>,
    #[serde(default)]
    pub(crate) display_name: Option<String>,
    #[serde(default = "seen")]
    pub(crate) first_seen: DateTime<Utc>,
    #[serde(default = "seen")]
    pub(crate) valid_from: DateTime<Utc>,
    #[serde(default)]
    pub(crate) properties: Map<String, Value>,
    #[serde(default)]
    pub(crate) tags: Map<String, Value>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Relationship {
    pub(crate) from: String,
    pub(crate) verb: String,
    pub(crate) to: String,
    #[serde(default)]
    pub(crate) discriminator: String,
    #[serde(default)]
    pub(crate) properties: Map<String, Value>,
}

fn account() -> String {
    "111111111111".to_owned()
}

fn seen() -> DateTime<Utc> {
    DateTime::from_timestamp(1_700_000_000, 0).unwrap()
}

impl Entity {
    pub(crate) fn new(key: &str, entity_type: &str) -> Self {
        Self {
            key: key.to_owned(),
            entity_type: entity_type.to_owned(),
            placeholder: false,
            account: account(),
            name: Some(key.to_owned()),
            display_name: Some(key.to_owned()),
            first_seen: seen(),
            valid_from: seen(),
            properties: Map::new(),
            tags: Map::new(),
        }
    }

    pub(crate) fn classes(&self) -> &'static [&'static str] {
        vocabulary::by_name(&self.entity_type)
            .unwrap_or_else(|| panic!("there is no type {}", self.entity_type))
            .class
    }

    pub(crate) fn source(&self) -> &'static str {
        match self.entity_type.as_str() {
            _ if self.placeholder => "system-mapper",
            "person" | "domain" => "api",
            _ => "integration-managed",
        }
    }
}

impl Graph {
    /// The graph that all conformance cases ask.
    pub(crate) fn fixed() -> Self {
        let mut graph: Self = serde_json::from_str(include_str!("../../j1ql/graph.json")).unwrap();
        for entity in &mut graph.entities {
            entity.name.get_or_insert_with(|| entity.key.clone());
            entity.display_name.get_or_insert_with(|| entity.key.clone());
        }
        for relationship in &graph.relationships {
            assert!(graph.entity(&relationship.from).is_some(), "{relationship:?} begins nowhere");
        }
        graph
    }

    pub(crate) fn entity(&self, key: &str) -> Option<&Entity> {
        self.entities.iter().find(|it| it.key == key)
    }

    /// The type of an entity, also of one that is not stored.
    pub(crate) fn type_of(&self, key: &str) -> &str {
        self.entity(key).map_or("aws_instance", |it| it.entity_type.as_str())
    }

    /// Writes the rows past the store: as the superuser, and as one partition of which nothing is recorded.
    pub(crate) async fn insert(&self, connection: &mut PgConnection) {
        let entities: Vec<Value> = self
            .entities
            .iter()
            .map(|it| {
                let mut row = serde_json::to_value(it).unwrap();
                row["class"] = it.classes().into();
                row
            })
            .collect();
        sqlx::query(
            "INSERT INTO orgraph_internal.entity (id, partition_id, placeholder, type, class, account_id, region, key, name,
               display_name, content_hash, first_seen, valid_from, properties, tags)
             SELECT orgraph.entity_id(u.key), CASE WHEN NOT u.placeholder THEN 1 END, u.placeholder, u.type, ARRAY(SELECT jsonb_array_elements_text(u.class)),
               u.account, 'eu-west-1', u.key, u.name, u.display_name, md5(u.key)::uuid, u.first_seen, u.valid_from,
               u.properties, u.tags
             FROM jsonb_to_recordset($1) AS u(key text, type text, class jsonb, placeholder boolean, account text, name text,
               display_name text, first_seen timestamptz, valid_from timestamptz, properties jsonb, tags jsonb)",
        )
        .bind(Json(entities))
        .execute(&mut *connection)
        .await
        .unwrap();
        let relationships: Vec<Value> = self
            .relationships
            .iter()
            .map(|it| {
                let mut row = serde_json::to_value(it).unwrap();
                let (from_type, to_type) = (self.type_of(&it.from), self.type_of(&it.to));
                let to = to_type.strip_prefix("aws_").unwrap_or(to_type);
                row["name"] = format!("{from_type}_{}_{to}", it.verb.to_lowercase()).into();
                row["from_type"] = from_type.into();
                row["to_type"] = to_type.into();
                row
            })
            .collect();
        sqlx::query(
            "INSERT INTO orgraph_internal.relationship_type (from_type, verb, to_type, name)
             SELECT DISTINCT u.from_type, u.verb, u.to_type, u.name
             FROM jsonb_to_recordset($1) AS u(from_type text, verb text, to_type text, name text)
             ON CONFLICT DO NOTHING",
        )
        .bind(Json(&relationships))
        .execute(&mut *connection)
        .await
        .unwrap();
        sqlx::query(
            "INSERT INTO orgraph_internal.relationship (from_id, to_id, rel_type, partition_id, content_hash, first_seen,
               valid_from, discriminator, from_key, to_key, properties)
             SELECT orgraph.entity_id(u.from), orgraph.entity_id(u.to), t.rel_type, 1, md5('')::uuid, to_timestamp(1700000000),
               to_timestamp(1700000000), u.discriminator, u.from, u.to, nullif(u.properties, '{}'::jsonb)
             FROM jsonb_to_recordset($1) AS u(\"from\" text, verb text, \"to\" text, from_type text, to_type text,
               discriminator text, properties jsonb)
             JOIN orgraph_internal.relationship_type AS t
               ON t.from_type = u.from_type AND t.verb = u.verb AND t.to_type = u.to_type",
        )
        .bind(Json(&relationships))
        .execute(&mut *connection)
        .await
        .unwrap();
    }
}
