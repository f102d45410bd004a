//! `GET /v1/entities/{key}` and its neighbors.

use axum::Json;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use chrono::{DateTime, Utc};
use orgraph_query::surface;
use schemars::JsonSchema;
use serde::Deserialize;

use super::problem::{Kind, Problem};
use super::{Api, Page, cursor};

/// What to say about an entity.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct OneQuery {
    /// The time to answer as of, from history.
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    as_of: Option<DateTime<Utc>>,
}

pub(crate) async fn one(
    State(api): State<Api>,
    key: Result<Path<String>, PathRejection>,
    query: Result<Query<OneQuery>, QueryRejection>,
) -> Result<Json<surface::Entity>, Problem> {
    let (key, query) = (self::key(key)?, self::query(query)?);
    let _permit = api.permit()?;
    let entity = api.reader.entity(&key, query.as_of, api.timeout).await?;
    entity.map(Json).ok_or_else(|| Problem::new(Kind::NotFound, "no entity has this key"))
}

/// Which neighbors.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct NeighborsQuery {
    /// Which way the relationships lead: `out` from the entity, `in` to it; both when not said.
    direction: Option<Direction>,
    /// Only relationships with one of these verbs, separated by commas.
    verb: Option<String>,
    /// Only neighbors of one of these types, separated by commas.
    #[serde(rename = "type")]
    types: Option<String>,
    /// Neighbors of one page, at most.
    #[schemars(range(min = 1))]
    limit: Option<u32>,
    /// The cursor of the page before.
    cursor: Option<String>,
    /// The time to answer as of, from history.
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    as_of: Option<DateTime<Utc>>,
}

/// Which way a relationship leads.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Direction {
    /// From the entity.
    Out,
    /// To the entity.
    In,
}

pub(crate) async fn neighbors(
    State(api): State<Api>,
    key: Result<Path<String>, PathRejection>,
    query: Result<Query<NeighborsQuery>, QueryRejection>,
) -> Result<Json<Page<surface::Neighbor>>, Problem> {
    let (key, query) = (self::key(key)?, self::query(query)?);
    let asked = format!("{:?} {:?} {:?} {:?}", query.direction, query.verb, query.types, query.as_of);
    let request = ["neighbors", &key, &asked];
    let after: Option<String> = query.cursor.as_deref().map(|it| cursor::decode(&request, it)).transpose()?;
    let wanted = surface::Wanted {
        is_outward: query.direction.map(|it| matches!(it, Direction::Out)),
        verbs: query.verb.as_deref().map(|it| list(&it.to_uppercase())),
        types: query.types.as_deref().map(list),
        after,
        limit: api.rows(query.limit),
        as_of: query.as_of,
    };
    let _permit = api.permit()?;
    let found = api.reader.neighbors(&key, &wanted, api.timeout).await?;
    let page = Page::of(found, wanted.limit, |last| cursor::encode(&request, &last.relationship.key));
    if page.items.is_empty() && api.reader.entity(&key, query.as_of, api.timeout).await?.is_none() {
        return Err(Problem::new(Kind::NotFound, "no entity has this key"));
    }
    Ok(Json(page))
}

/// What is separated by commas.
pub(super) fn list(text: &str) -> Vec<String> {
    text.split(',').map(|it| it.trim().to_owned()).filter(|it| !it.is_empty()).collect()
}

pub(super) fn key(key: Result<Path<String>, PathRejection>) -> Result<String, Problem> {
    let key = key.map_err(|error| Problem::new(Kind::BadRequest, error.body_text()))?.0;
    // PostgreSQL has no text with it, so no key has it either.
    if key.contains('\0') { Err(Problem::new(Kind::NotFound, "no entity has this key")) } else { Ok(key) }
}

/// What is in the address after the question mark.
pub(super) fn query<T>(query: Result<Query<T>, QueryRejection>) -> Result<T, Problem> {
    query.map(|it| it.0).map_err(|error| Problem::new(Kind::BadRequest, error.body_text()))
}
