//! `GET /v1/paths`, `/v1/entities/{key}/blast-radius` and `/v1/exposed`: questions to the graph in memory.

use axum::Json;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use chrono::{DateTime, Utc};
use orgraph_query::Footer;
use orgraph_query::paths::{
    self, BlastRadius, Direction, ExposedOptions, Exposure, Filter, Graph, PathError, WalkOptions,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::entities::{key, list, query};
use super::kept::Waiting;
use super::problem::Problem;
use super::{Api, written};

/// How many paths, at most: each but the first takes a search for every step of the one before.
const MAX_PATHS: usize = 50;
/// How many entities of each type a blast radius lists, at most.
const MAX_REACHED: usize = 100;

/// Which paths.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct PathsQuery {
    /// Where they begin: a key, `type:name`, or a name that no other entity has.
    from: String,
    /// Where they end.
    to: String,
    /// How many, shortest first: 5, and no more than 50.
    #[schemars(range(min = 1))]
    count: Option<usize>,
    /// No longer than this: 10 steps.
    max_hops: Option<u8>,
    /// Only over entities of these classes, separated by commas. The ends may be anything.
    class: Option<String>,
    /// Only over entities of these types, separated by commas.
    #[serde(rename = "type")]
    types: Option<String>,
    /// Not over entities of these types, separated by commas.
    not_type: Option<String>,
    /// Only over relationships of these verbs, separated by commas.
    verb: Option<String>,
    /// Not over relationships of these verbs, separated by commas.
    not_verb: Option<String>,
    /// Whether relationships are followed in their own direction only.
    directed: Option<bool>,
}

/// Paths between two entities.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "PathsAnswer")]
pub(crate) struct Paths {
    /// The paths, shortest first.
    #[schemars(with = "Vec<paths::Path>")]
    paths: Box<RawValue>,
    /// The moment of the graph that was asked.
    #[schemars(with = "String", extend("format" = "date-time"))]
    as_of: DateTime<Utc>,
    /// What the answer rests on.
    coverage: Footer,
}

pub(crate) async fn shortest(
    State(api): State<Api>,
    asked: Result<Query<PathsQuery>, QueryRejection>,
) -> Result<Json<Paths>, Problem> {
    let asked = query(asked)?;
    let words = |it: &Option<String>| it.as_deref().map(list).unwrap_or_default();
    let filter = Filter {
        max_hops: asked.max_hops.unwrap_or(Filter::default().max_hops),
        direction: if asked.directed.unwrap_or_default() {
            Direction::Directed
        } else {
            Direction::Undirected
        },
        classes: words(&asked.class),
        types: words(&asked.types),
        not_types: words(&asked.not_type),
        verbs: words(&asked.verb),
        not_verbs: words(&asked.not_verb),
    };
    let count = asked.count.unwrap_or(5).clamp(1, MAX_PATHS);
    let question = move |graph: &Graph, goes_on: &dyn Fn() -> bool| {
        let (from, to) = (graph.find(&asked.from)?, graph.find(&asked.to)?);
        graph.shortest_while(from, to, &filter, count, goes_on)
    };
    let answered = ask(&api, question, |it: &mut Vec<paths::Path>| it.iter_mut().collect()).await?;
    let (paths, as_of, coverage) = answered;
    Ok(Json(Paths { paths, as_of, coverage }))
}

/// How access is followed.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct BlastQuery {
    /// Whether to go on from machine to machine inside the network.
    lateral: Option<bool>,
    /// Whether to leave out what holds under conditions only.
    unconditional: Option<bool>,
    /// At most this many steps; any number when it is not said.
    max_hops: Option<u8>,
    /// How many entities of each type are listed: 20, and no more than 100. All are counted.
    limit: Option<usize>,
}

/// What one reaches who has an entity.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "BlastRadiusAnswer")]
pub(crate) struct Blast {
    /// What is reached.
    #[schemars(with = "BlastRadius")]
    blast_radius: Box<RawValue>,
    /// The moment of the graph that was asked.
    #[schemars(with = "String", extend("format" = "date-time"))]
    as_of: DateTime<Utc>,
    /// What the answer rests on.
    coverage: Footer,
}

pub(crate) async fn blast_radius(
    State(api): State<Api>,
    entity: Result<Path<String>, PathRejection>,
    asked: Result<Query<BlastQuery>, QueryRejection>,
) -> Result<Json<Blast>, Problem> {
    let (entity, asked) = (key(entity)?, query(asked)?);
    let walk = walk(asked.lateral, asked.unconditional, asked.max_hops);
    let limit = asked.limit.unwrap_or(20).min(MAX_REACHED);
    let question =
        move |graph: &Graph, _: &dyn Fn() -> bool| Ok(graph.blast_radius(graph.find(&entity)?, walk, limit));
    let answered = ask(&api, question, |it: &mut BlastRadius| it.paths_mut().collect()).await?;
    let (blast_radius, as_of, coverage) = answered;
    Ok(Json(Blast { blast_radius, as_of, coverage }))
}

/// Which data stores.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ExposedQuery {
    /// Only data stores of these types, separated by commas.
    #[serde(rename = "type")]
    types: Option<String>,
    /// Whether to go on from machine to machine inside the network.
    lateral: Option<bool>,
    /// Whether to leave out what holds under conditions only.
    unconditional: Option<bool>,
    /// At most this many steps; any number when it is not said.
    max_hops: Option<u8>,
    /// How many are listed: 100, and no more than the rows of a page. All are counted.
    limit: Option<u32>,
}

/// The data stores that the Internet reaches.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ExposedAnswer")]
pub(crate) struct Exposed {
    /// What is exposed.
    #[schemars(with = "Exposure")]
    exposure: Box<RawValue>,
    /// The moment of the graph that was asked.
    #[schemars(with = "String", extend("format" = "date-time"))]
    as_of: DateTime<Utc>,
    /// What the answer rests on.
    coverage: Footer,
}

pub(crate) async fn exposed(
    State(api): State<Api>,
    asked: Result<Query<ExposedQuery>, QueryRejection>,
) -> Result<Json<Exposed>, Problem> {
    let asked = query(asked)?;
    let options = ExposedOptions {
        walk: walk(asked.lateral, asked.unconditional, asked.max_hops),
        types: asked.types.as_deref().map(list).unwrap_or_default(),
        limit: usize::try_from(api.rows(Some(asked.limit.unwrap_or(100)))).unwrap_or(usize::MAX),
    };
    let question = move |graph: &Graph, _: &dyn Fn() -> bool| graph.exposed(&options);
    let answered = ask(&api, question, |it: &mut Exposure| it.paths_mut().collect()).await?;
    let (exposure, as_of, coverage) = answered;
    Ok(Json(Exposed { exposure, as_of, coverage }))
}

fn walk(lateral: Option<bool>, unconditional: Option<bool>, max_hops: Option<u8>) -> WalkOptions {
    WalkOptions {
        lateral: lateral.unwrap_or_default(),
        unconditional: unconditional.unwrap_or_default(),
        max_hops,
    }
}

/// Asks the graph in memory, has the paths of the answer explained, and says what it rests on: all within the time of a
/// question. What computes keeps its permit until it ends, also when nobody waits any more.
async fn ask<Answer: Serialize + Send + 'static>(
    api: &Api,
    question: impl FnOnce(&Graph, &dyn Fn() -> bool) -> Result<Answer, PathError> + Send + 'static,
    paths: impl FnOnce(&mut Answer) -> Vec<&mut paths::Path> + Send,
) -> Result<(Box<RawValue>, DateTime<Utc>, Footer), Problem> {
    let permit = api.permit()?;
    let answered = async {
        let graph = api.graph.borrow(&api.reader, api.timeout).await?;
        let as_of = graph.as_of();
        let waiting = Waiting::new();
        let goes_on = waiting.flag();
        let computed = tokio::task::spawn_blocking(move || (question(&graph, &goes_on), permit)).await;
        let (answer, _permit) = computed.map_err(anyhow::Error::new)?;
        let mut answer = answer?;
        let footer = api.footer(None, None, None).await?;
        api.reader.explain_paths(paths(&mut answer), api.timeout).await?;
        Ok((written(&answer)?, as_of, footer))
    };
    api.within_time(answered).await
}
