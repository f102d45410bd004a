//! The numbers that a database gives to kinds of relationship, to keep its indexes small.

use std::collections::HashMap;
use std::sync::Arc;

use orgraph_model::{Kind, Relationship, kind_id};
use sqlx::PgExecutor;
use uuid::Uuid;

use crate::{Result, Store, StoreError};

/// Every kind of relationship that the database knows, by number and by identity. Numbers never change once given.
#[derive(Debug, Default)]
pub(crate) struct RelationshipTypes {
    numbers: HashMap<Uuid, i16>,
    kinds: HashMap<i16, Uuid>,
}

/// The numbers of the few kinds of one partition.
#[derive(Debug)]
pub(crate) struct Numbers(Vec<(Kind, i16)>);

impl RelationshipTypes {
    pub(crate) async fn read(executor: impl PgExecutor<'_>) -> Result<Self> {
        let rows: Vec<(i16, String, String, String)> = sqlx::query_as(
            "SELECT t.rel_type, t.from_type, t.verb, t.to_type FROM orgraph_internal.relationship_type AS t",
        )
        .fetch_all(executor)
        .await
        .map_err(StoreError::attempting("read relationship types"))?;
        let mut types = Self::default();
        for (number, from_type, verb, to_type) in rows {
            let kind = kind_id(&from_type, &verb, &to_type);
            types.numbers.insert(kind, number);
            types.kinds.insert(number, kind);
        }
        Ok(types)
    }

    /// The identity of the kind that has this number.
    pub(crate) fn kind(&self, number: i16) -> Result<Uuid> {
        self.kinds.get(&number).copied().ok_or_else(|| unknown(number.to_string()))
    }

    /// The numbers of these kinds, if all have one.
    pub(crate) fn numbers(&self, kinds: &[Kind]) -> Result<Numbers> {
        let number = |it: &Kind| {
            let number = self.numbers.get(&it.id()).copied();
            Ok((*it, number.ok_or_else(|| unknown(format!("{} {} {}", it.from, it.verb, it.to)))?))
        };
        kinds.iter().map(number).collect::<Result<_>>().map(Numbers)
    }
}

impl Numbers {
    pub(crate) fn of(&self, relationship: &Relationship) -> Result<i16> {
        let kind = relationship.kind();
        let found = self.0.iter().find(|it| it.0 == kind).map(|it| it.1);
        found.ok_or_else(|| unknown(relationship.type_name()))
    }
}

fn unknown(value: String) -> StoreError {
    StoreError::Unknown { what: StoreError::RELATIONSHIP_TYPE, value }
}

impl Store {
    /// The numbers of all kinds in use, those of `kinds` included. Numbers are given outside of the transactions that
    /// use them, so that they outlive a rollback.
    pub(crate) async fn relationship_types(&self, kinds: &[Kind]) -> Result<Arc<RelationshipTypes>> {
        let known = self.relationship_types.read().ok().map(|it| Arc::clone(&it));
        if let Some(types) = known.filter(|it| it.numbers(kinds).is_ok()) {
            return Ok(types);
        }
        if !kinds.is_empty() {
            sqlx::query(include_str!("../queries/number_relationship_types.sql"))
                .bind(kinds.iter().map(|it| it.from.name).collect::<Vec<_>>())
                .bind(kinds.iter().map(|it| it.verb.as_str()).collect::<Vec<_>>())
                .bind(kinds.iter().map(|it| it.to.name).collect::<Vec<_>>())
                .execute(&self.pool)
                .await
                .map_err(StoreError::attempting("number relationship types"))?;
        }
        self.read_relationship_types().await
    }

    /// The numbers as they are now, those that other daemons gave meanwhile included.
    pub(crate) async fn read_relationship_types(&self) -> Result<Arc<RelationshipTypes>> {
        let types = Arc::new(RelationshipTypes::read(&self.pool).await?);
        if let Ok(mut known) = self.relationship_types.write() {
            *known = Arc::clone(&types);
        }
        Ok(types)
    }
}
