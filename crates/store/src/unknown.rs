//! What a run could not learn of an entity keeps the value that it had.

use std::borrow::Cow;
use std::collections::HashMap;

use orgraph_model::{Entity, EntityId, Mark, Place, Properties};
use sqlx::types::Json;
use sqlx::{FromRow, PgConnection};
use uuid::Uuid;

use crate::prepare::{Prepared, find};
use crate::write::MAX_STATEMENT_ROWS;
use crate::{Result, StoreError};

/// What the partition said before about one entity.
#[derive(Debug, FromRow)]
struct Previous {
    id: Uuid,
    name: Option<String>,
    display_name: Option<String>,
    properties: Json<Properties>,
    tags: Json<Properties>,
}

/// Gives the marks of entities of which something is unknown the hash of what will be stored.
pub(crate) async fn keep_unknown(
    connection: &mut PgConnection,
    partition_id: i32,
    prepared: &mut Prepared<'_>,
) -> Result<()> {
    let mut ids: Vec<EntityId> = prepared.unknown.iter().map(|it| it.0).collect();
    ids.dedup();
    for ids in ids.chunks(MAX_STATEMENT_ROWS) {
        let marks: Vec<Mark> = ids.iter().filter_map(|it| mark(prepared, *it)).collect();
        let hashes: Vec<Mark> = entities(connection, partition_id, prepared, &marks)
            .await?
            .iter()
            .zip(&marks)
            .map(|(entity, mark)| Mark { hash: entity.content_hash(), ..*mark })
            .collect();
        let all = prepared.marks.to_mut();
        for mark in hashes {
            if let Some(at) = find(&all.own, mark.id) {
                all.own[at] = mark;
            } else if let Some(at) = find(&all.contributed, mark.id) {
                all.contributed[at] = mark;
            }
        }
    }
    Ok(())
}

fn mark(prepared: &Prepared<'_>, id: EntityId) -> Option<Mark> {
    let (own, contributed) = (&prepared.marks.own, &prepared.marks.contributed);
    find(own, id).map(|at| own[at]).or_else(|| find(contributed, id).map(|at| contributed[at]))
}

/// The entities as they are to be stored, in the order of `marks`.
pub(crate) async fn entities<'p>(
    connection: &mut PgConnection,
    partition_id: i32,
    prepared: &'p Prepared<'_>,
    marks: &[Mark],
) -> Result<Vec<Cow<'p, Entity>>> {
    let mut entities = Vec::with_capacity(marks.len());
    for mark in marks {
        entities.push(prepared.rows().entity(mark.place)?);
    }
    let unknown: Vec<(usize, &[(EntityId, Place)])> = marks
        .iter()
        .enumerate()
        .map(|(at, mark)| (at, gaps_of(&prepared.unknown, mark.id)))
        .filter(|(_, gaps)| !gaps.is_empty())
        .collect();
    if unknown.is_empty() {
        return Ok(entities);
    }
    let rows: Vec<Previous> = sqlx::query_as(include_str!("../queries/read_previous.sql"))
        .bind(partition_id)
        .bind(unknown.iter().map(|(at, _)| marks[*at].id).collect::<Vec<_>>())
        .fetch_all(connection)
        .await
        .map_err(StoreError::attempting("read previous values"))?;
    let previous: HashMap<EntityId, Previous> = rows.into_iter().map(|it| (it.id, it)).collect();
    for (at, gaps) in unknown {
        let Some(previous) = previous.get(&marks[at].id) else { continue };
        for (_, place) in gaps {
            let gap = prepared.rows().gap(*place)?;
            keep(entities[at].to_mut(), &gap.properties, previous);
        }
    }
    Ok(entities)
}

fn gaps_of(unknown: &[(EntityId, Place)], id: EntityId) -> &[(EntityId, Place)] {
    let begin = unknown.partition_point(|it| it.0 < id);
    let length = unknown[begin..].partition_point(|it| it.0 == id);
    &unknown[begin..begin + length]
}

/// Gives an entity its previous values for the properties in `names` that the run did not read.
fn keep(entity: &mut Entity, names: &[String], previous: &Previous) {
    for name in names {
        match name.as_str() {
            "name" => entity.name = previous.name.clone().or_else(|| entity.name.take()),
            "displayName" => {
                entity.display_name = previous.display_name.clone().or_else(|| entity.display_name.take());
            }
            "tags" => {
                previous.tags.keys().for_each(|tag| keep_member(&mut entity.tags, &previous.tags, tag));
                // What was called after one of its tags still is.
                let is_tag =
                    |it: &&String| previous.tags.values().any(|tag| tag.as_str() == Some(it.as_str()));
                let kept = |name: &Option<String>| name.as_ref().filter(is_tag).cloned();
                entity.name = kept(&previous.name).or_else(|| entity.name.take());
                entity.display_name = kept(&previous.display_name).or_else(|| entity.display_name.take());
            }
            name => match name.strip_prefix("tag.") {
                Some(tag) => keep_member(&mut entity.tags, &previous.tags, tag),
                None => keep_member(&mut entity.properties, &previous.properties, name),
            },
        }
    }
}

fn keep_member(members: &mut Properties, previous: &Properties, name: &str) {
    if let (false, Some(value)) = (members.contains_key(name), previous.get(name)) {
        members.insert(name.to_owned(), value.clone());
    }
}
