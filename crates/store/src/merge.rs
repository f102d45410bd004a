//! Entities that several partitions speak of: the stored row is the merge of what each of them says.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use chrono::{DateTime, Utc};
use orgraph_model::{AccountId, ContentHash, Entity, EntityId, EntityType, Key, Properties, Region, Source};
use sqlx::types::Json;
use sqlx::{FromRow, PgConnection};
use uuid::Uuid;

use crate::{Result, StoreError};

/// What one partition says about an entity.
#[derive(Debug, Clone, FromRow)]
struct Contribution {
    entity_id: Uuid,
    placeholder: bool,
    #[sqlx(rename = "type")]
    kind: String,
    class: Vec<String>,
    account_id: String,
    region: String,
    key: String,
    name: Option<String>,
    display_name: Option<String>,
    volatile: Vec<String>,
    properties: Json<Properties>,
    tags: Json<Properties>,
    /// Of the partition that says it.
    by_account: String,
    by_region: String,
    by_collector: String,
}

/// Writes the rows of these entities anew from their contributions. A row that a partition owns stays, unless that
/// partition has just given it up (`released`); a row without contributions ends.
pub(crate) async fn merge_contributions(
    tx: &mut PgConnection,
    ts: DateTime<Utc>,
    ids: &BTreeSet<EntityId>,
    released: &HashSet<EntityId>,
) -> Result<()> {
    if ids.is_empty() {
        return Ok(());
    }
    let ids: Vec<EntityId> = ids.iter().copied().collect();
    let contributions: Vec<Contribution> = sqlx::query_as(include_str!("../queries/read_contributions.sql"))
        .bind(&ids)
        .fetch_all(&mut *tx)
        .await
        .map_err(StoreError::attempting("read contributions"))?;
    let rows: Vec<(Uuid, Option<i32>, Uuid)> = sqlx::query_as(
        "SELECT e.id, e.partition_id, e.content_hash FROM orgraph_internal.entity AS e WHERE e.id = ANY($1)",
    )
    .bind(&ids)
    .fetch_all(&mut *tx)
    .await
    .map_err(StoreError::attempting("read shared entities"))?;
    let rows: HashMap<Uuid, (Option<i32>, ContentHash)> =
        rows.into_iter().map(|(id, partition_id, hash)| (id, (partition_id, hash))).collect();
    let mut by_entity: BTreeMap<EntityId, Vec<Contribution>> = BTreeMap::new();
    for contribution in contributions {
        by_entity.entry(contribution.entity_id).or_default().push(contribution);
    }

    let mut ended = Vec::new();
    let mut merged = Vec::new();
    for id in ids {
        let is_owned =
            rows.get(&id).is_some_and(|(partition_id, _)| partition_id.is_some()) && !released.contains(&id);
        if is_owned {
            continue;
        }
        let Some(contributions) = by_entity.remove(&id) else {
            ended.push(id);
            continue;
        };
        let merge = merge(contributions);
        let is_stored = rows.get(&id).is_some_and(|(owner, hash)| owner.is_none() && *hash == merge.hash);
        if !is_stored {
            merged.push((id, merge));
        }
    }
    if !ended.is_empty() {
        sqlx::query(
            "DELETE FROM orgraph_internal.entity AS e WHERE e.id = ANY($1) AND e.partition_id IS NULL",
        )
        .bind(ended)
        .execute(&mut *tx)
        .await
        .map_err(StoreError::attempting("delete shared entities"))?;
    }
    upsert_merged(tx, ts, &merged, released).await
}

async fn upsert_merged(
    tx: &mut PgConnection,
    ts: DateTime<Utc>,
    merged: &[(EntityId, Merge)],
    released: &HashSet<EntityId>,
) -> Result<()> {
    if merged.is_empty() {
        return Ok(());
    }
    let column = |of: fn(&Merge) -> &str| merged.iter().map(|(_, it)| of(it)).collect::<Vec<_>>();
    sqlx::query(include_str!("../queries/upsert_merged_entities.sql"))
        .bind(released.iter().copied().collect::<Vec<_>>())
        .bind(ts)
        .bind(merged.iter().map(|(id, _)| *id).collect::<Vec<_>>())
        .bind(merged.iter().map(|(_, it)| it.placeholder).collect::<Vec<_>>())
        .bind(column(|it| &it.kind))
        .bind(merged.iter().map(|(_, it)| it.class.join(",")).collect::<Vec<_>>())
        .bind(column(|it| &it.account_id))
        .bind(column(|it| &it.region))
        .bind(column(|it| &it.key))
        .bind(merged.iter().map(|(_, it)| it.name.as_deref()).collect::<Vec<_>>())
        .bind(merged.iter().map(|(_, it)| it.display_name.as_deref()).collect::<Vec<_>>())
        .bind(merged.iter().map(|(_, it)| it.hash).collect::<Vec<_>>())
        .bind(merged.iter().map(|(_, it)| Json(&it.properties)).collect::<Vec<_>>())
        .bind(merged.iter().map(|(_, it)| Json(&it.tags)).collect::<Vec<_>>())
        .execute(tx)
        .await
        .map_err(StoreError::attempting("write shared entities"))?;
    Ok(())
}

/// An entity merged from its contributions.
#[derive(Debug, PartialEq)]
struct Merge {
    placeholder: bool,
    kind: String,
    class: Vec<String>,
    account_id: String,
    region: String,
    key: String,
    name: Option<String>,
    display_name: Option<String>,
    properties: Properties,
    tags: Properties,
    hash: ContentHash,
}

/// Merges at least one contribution; their order does not matter.
///
/// Placeholders count only where nothing better is known. Partitions of the account that the entity belongs to come
/// before others, and then the order of their names decides: the first one that knows a value gives it.
fn merge(mut contributions: Vec<Contribution>) -> Merge {
    if contributions.iter().any(|it| !it.placeholder) {
        contributions.retain(|it| !it.placeholder);
    }
    contributions.sort_by(|one, other| one.rank().cmp(&other.rank()));
    let volatile: HashSet<String> = contributions.iter().flat_map(|it| it.volatile.iter().cloned()).collect();
    let mut contributions = contributions.into_iter();
    let mut first = contributions.next().expect("an entity is merged only from contributions");
    for other in contributions {
        first.name = first.name.or(other.name);
        first.display_name = first.display_name.or(other.display_name);
        for (name, value) in other.properties.0 {
            first.properties.entry(name).or_insert(value);
        }
        for (name, value) in other.tags.0 {
            first.tags.entry(name).or_insert(value);
        }
    }
    let mut merge = Merge {
        placeholder: first.placeholder,
        kind: first.kind,
        class: first.class,
        account_id: first.account_id,
        region: first.region,
        key: first.key,
        name: first.name,
        display_name: first.display_name,
        properties: first.properties.0,
        tags: first.tags.0,
        hash: Uuid::nil(),
    };
    merge.hash = content_hash(&merge, &volatile);
    merge
}

impl Contribution {
    fn rank(&self) -> (bool, &str, &str, &str) {
        // The key knows whose the entity is, whoever speaks of it.
        let key = Key::from(&self.key);
        let is_other = self.by_account != key.arn_account().unwrap_or(&self.account_id);
        (is_other, &self.by_account, &self.by_region, &self.by_collector)
    }
}

/// The content hash of a merged row. Type, classes, account and region enter as text, since what is read back from
/// the database need not be known to this release.
fn content_hash(merge: &Merge, volatile: &HashSet<String>) -> ContentHash {
    const MERGED: EntityType = EntityType { name: "merged", class: &[], shared: true };
    let class = merge.class.join(",");
    let heading = [&merge.kind, &class, &merge.account_id, &merge.region, &merge.key].map(String::as_str);
    let mut properties = merge.properties.clone();
    properties.retain(|name, _| !volatile.contains(name));
    let entity = Entity {
        key: Key::from(heading.join("\n")),
        entity_type: MERGED,
        source: if merge.placeholder { Source::SystemMapper } else { Source::Integration },
        account: nobody(),
        region: Region::global(),
        name: merge.name.clone(),
        display_name: merge.display_name.clone(),
        properties,
        tags: merge.tags.clone(),
        volatile: &[],
    };
    entity.content_hash()
}

fn nobody() -> AccountId {
    "000000000000".parse().expect("twelve digits are an account ID")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn contribution(
        by: (&str, &str),
        placeholder: bool,
        name: Option<&str>,
        properties: &serde_json::Value,
    ) -> Contribution {
        Contribution {
            entity_id: Uuid::nil(),
            placeholder,
            kind: "aws_account".to_owned(),
            class: vec!["Account".to_owned()],
            account_id: "000000000002".to_owned(),
            region: "global".to_owned(),
            key: "arn:aws:iam::000000000002:root".to_owned(),
            name: name.map(str::to_owned),
            display_name: None,
            volatile: vec!["seen".to_owned()],
            properties: Json(properties.as_object().unwrap().clone()),
            tags: Json(Properties::new()),
            by_account: by.0.to_owned(),
            by_region: "global".to_owned(),
            by_collector: by.1.to_owned(),
        }
    }

    #[test]
    fn the_account_itself_names_it_and_both_describe_it() {
        let own =
            contribution(("000000000002", "account"), false, Some("alias"), &json!({"mfa": true, "seen": 1}));
        let organization = contribution(
            ("000000000001", "organizations"),
            false,
            Some("Org name"),
            &json!({"email": "e", "mfa": false}),
        );

        let merged = merge(vec![organization.clone(), own.clone()]);

        assert_eq!(merged.name.as_deref(), Some("alias"));
        assert_eq!(
            merged.properties,
            json!({"mfa": true, "email": "e", "seen": 1}).as_object().unwrap().clone()
        );
        assert_eq!(merged, merge(vec![own, organization]));
    }

    #[test]
    fn placeholders_count_only_alone() {
        let placeholder =
            contribution(("000000000003", "iam"), true, Some("000000000002"), &json!({"accountId": "x"}));
        let own = contribution(("000000000002", "account"), false, Some("alias"), &json!({}));

        assert!(merge(vec![placeholder.clone()]).placeholder);
        assert_eq!(merge(vec![placeholder, own.clone()]), merge(vec![own]));
    }

    #[test]
    fn a_volatile_property_alone_makes_no_other_hash() {
        let seen = |at: i64| {
            merge(vec![contribution(("000000000002", "account"), false, None, &json!({"seen": at}))])
        };

        assert_eq!(seen(1).hash, seen(2).hash);
    }
}
