//! Stored entities and relationships, for those who compute more relationships from them.

use std::collections::BTreeSet;

use orgraph_model::declare::Rel;
use orgraph_model::{AccountId, Entity, EntityType, Key, Properties, Relationship, Source, vocabulary};
use sqlx::FromRow;
use sqlx::types::Json;
use uuid::Uuid;

use crate::{Result, Store, StoreError};

#[derive(Debug, FromRow)]
struct EntityRow {
    key: String,
    #[sqlx(rename = "type")]
    kind: String,
    account_id: String,
    region: String,
    name: Option<String>,
    display_name: Option<String>,
    placeholder: bool,
    properties: Json<Properties>,
    tags: Json<Properties>,
}

#[derive(Debug, FromRow)]
struct RelationshipRow {
    from_key: String,
    to_key: String,
    discriminator: String,
    properties: Option<Json<Properties>>,
}

#[derive(Debug, FromRow)]
struct OrdinalRow {
    /// Which of the kinds it is of, from 1.
    ordinal: i64,
    #[sqlx(flatten)]
    relationship: RelationshipRow,
}

impl RelationshipRow {
    fn of(self, rel: Rel) -> Relationship {
        Relationship {
            from: rel.from.at(self.from_key),
            verb: rel.verb,
            to: rel.to.at(self.to_key),
            discriminator: self.discriminator,
            properties: self.properties.map(|it| it.0).unwrap_or_default(),
        }
    }
}

impl Store {
    /// The live entities of an account that have one of these types, in the order of their keys.
    pub async fn entities_of(&self, account: &AccountId, types: &[EntityType]) -> Result<Vec<Entity>> {
        let names: Vec<&str> = types.iter().map(|it| it.name).collect();
        let rows: Vec<EntityRow> = sqlx::query_as(include_str!("../queries/read_entities.sql"))
            .bind(account.as_str())
            .bind(names)
            .fetch_all(&self.pool)
            .await
            .map_err(StoreError::attempting("read entities"))?;
        rows.into_iter().map(EntityRow::entity).collect()
    }

    /// The same without properties and tags.
    pub async fn names_of(&self, account: &AccountId, types: &[EntityType]) -> Result<Vec<Entity>> {
        if types.is_empty() {
            return Ok(Vec::new());
        }
        let names: Vec<&str> = types.iter().map(|it| it.name).collect();
        let rows: Vec<EntityRow> = sqlx::query_as(include_str!("../queries/read_entity_names.sql"))
            .bind(account.as_str())
            .bind(names)
            .fetch_all(&self.pool)
            .await
            .map_err(StoreError::attempting("read the names of entities"))?;
        rows.into_iter().map(EntityRow::entity).collect()
    }

    /// The live entities of these types, with no properties but the named ones; of these accounts, or of all.
    pub async fn select_entities(
        &self,
        types: &[EntityType],
        accounts: Option<&BTreeSet<AccountId>>,
        properties: &[&str],
    ) -> Result<Vec<Entity>> {
        let names: Vec<&str> = types.iter().map(|it| it.name).collect();
        let rows: Vec<EntityRow> = sqlx::query_as(include_str!("../queries/select_entities.sql"))
            .bind(names)
            .bind(accounts.map(|it| it.iter().map(AccountId::as_str).collect::<Vec<_>>()))
            .bind(properties)
            .fetch_all(&self.pool)
            .await
            .map_err(StoreError::attempting("select entities"))?;
        rows.into_iter().map(EntityRow::entity).collect()
    }

    /// The live relationships of these kinds that were read in these accounts, or in all.
    pub async fn select_relationships(
        &self,
        rels: &[Rel],
        accounts: Option<&BTreeSet<AccountId>>,
    ) -> Result<Vec<Relationship>> {
        let rows: Vec<OrdinalRow> = sqlx::query_as(include_str!("../queries/select_relationships.sql"))
            .bind(rels.iter().map(|it| it.from.name).collect::<Vec<_>>())
            .bind(rels.iter().map(|it| it.verb.as_str()).collect::<Vec<_>>())
            .bind(rels.iter().map(|it| it.to.name).collect::<Vec<_>>())
            .bind(accounts.map(|it| it.iter().map(AccountId::as_str).collect::<Vec<_>>()))
            .fetch_all(&self.pool)
            .await
            .map_err(StoreError::attempting("select relationships"))?;
        let relationship = |row: OrdinalRow| {
            let rel = usize::try_from(row.ordinal).ok().and_then(|it| rels.get(it.checked_sub(1)?))?;
            Some(row.relationship.of(*rel))
        };
        Ok(rows.into_iter().filter_map(relationship).collect())
    }

    /// The live entities with these keys, whatever account they belong to.
    pub async fn entities_with_keys(&self, keys: &BTreeSet<String>) -> Result<Vec<Entity>> {
        let ids: Vec<Uuid> = keys.iter().map(|it| Key::from(it.as_str()).id()).collect();
        let rows: Vec<EntityRow> = sqlx::query_as(include_str!("../queries/read_entities_by_id.sql"))
            .bind(ids)
            .fetch_all(&self.pool)
            .await
            .map_err(StoreError::attempting("read entities by key"))?;
        rows.into_iter().map(EntityRow::entity).collect()
    }

    /// The live entities of a type, whatever account they belong to, whose property (a text or a list of texts) has
    /// one of the values, given in lower case; all of the type without values.
    pub async fn find_entities(
        &self,
        entity_type: EntityType,
        property: &str,
        values: Option<&BTreeSet<String>>,
    ) -> Result<Vec<Entity>> {
        let values: Option<Vec<&String>> = values.map(|it| it.iter().collect());
        let rows: Vec<EntityRow> = sqlx::query_as(include_str!("../queries/find_entities.sql"))
            .bind(entity_type.name)
            .bind(property)
            .bind(values)
            .fetch_all(&self.pool)
            .await
            .map_err(StoreError::attempting("find entities"))?;
        rows.into_iter().map(EntityRow::entity).collect()
    }

    /// The live relationships of a kind with an end whose property (a text) has one of the values, given in lower case.
    pub async fn find_relationships(
        &self,
        rel: Rel,
        property: &str,
        values: &BTreeSet<String>,
    ) -> Result<Vec<Relationship>> {
        let rows: Vec<RelationshipRow> = sqlx::query_as(include_str!("../queries/find_relationships.sql"))
            .bind(rel.from.name)
            .bind(rel.verb.as_str())
            .bind(rel.to.name)
            .bind(property)
            .bind(values.iter().collect::<Vec<_>>())
            .fetch_all(&self.pool)
            .await
            .map_err(StoreError::attempting("find relationships"))?;
        Ok(rows.into_iter().map(|it| it.of(rel)).collect())
    }
}

impl EntityRow {
    fn entity(self) -> Result<Entity> {
        let unknown = |what: &'static str, value: String| StoreError::Unknown { what, value };
        Ok(Entity {
            key: Key::from(self.key),
            entity_type: vocabulary::by_name(&self.kind)
                .ok_or_else(|| unknown("entity type", self.kind.clone()))?,
            source: if self.placeholder { Source::SystemMapper } else { Source::Integration },
            account: self.account_id.parse().map_err(|_| unknown("account", self.account_id.clone()))?,
            region: self.region.parse().map_err(|_| unknown("region", self.region.clone()))?,
            name: self.name,
            display_name: self.display_name,
            properties: self.properties.0,
            tags: self.tags.0,
            volatile: &[],
        })
    }
}
