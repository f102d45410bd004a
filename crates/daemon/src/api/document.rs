//! The routes, and `/openapi.json`, which is put together from them: what is served is what is described.

use axum::Json;
use axum::routing::{MethodRouter, get, post};
use orgraph_query::surface;
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value, json};

use super::problem::Details;
use super::{Api, Page, access, entities, paths, query, standing};
use crate::access::{Explained, Listed};

/// A route and everything that is told about it.
pub(super) struct Route {
    pub(super) path: &'static str,
    pub(super) route: fn() -> MethodRouter<Api>,
    method: &'static str,
    id: &'static str,
    summary: &'static str,
    /// The schemas of what is in the path, in the address, in the body and in the answer.
    in_path: &'static [(&'static str, &'static str)],
    in_query: Option<Schema>,
    in_body: Option<Schema>,
    answer: Option<Schema>,
}

type Schema = fn(&mut SchemaGenerator) -> schemars::Schema;

fn of<T: JsonSchema>(generator: &mut SchemaGenerator) -> schemars::Schema {
    generator.subschema_for::<T>()
}

/// With all its properties in place, to be taken apart.
fn inline<T: JsonSchema>(generator: &mut SchemaGenerator) -> schemars::Schema {
    T::json_schema(generator)
}

const KEY: &[(&str, &str)] = &[("key", "The key of the entity, percent-encoded")];

pub(super) static ROUTES: &[Route] = &[
    Route {
        path: "/v1/query",
        route: || post(query::post),
        method: "post",
        id: "query",
        summary: "Ask a question in J1QL or SQL",
        in_path: &[],
        in_query: None,
        in_body: Some(of::<query::Ask>),
        answer: Some(of::<query::Answer>),
    },
    Route {
        path: "/v1/entities/{key}",
        route: || get(entities::one),
        method: "get",
        id: "entity",
        summary: "One entity with everything that is known of it",
        in_path: KEY,
        in_query: Some(inline::<entities::OneQuery>),
        in_body: None,
        answer: Some(of::<surface::Entity>),
    },
    Route {
        path: "/v1/entities/{key}/neighbors",
        route: || get(entities::neighbors),
        method: "get",
        id: "neighbors",
        summary: "What an entity is related to, and how",
        in_path: KEY,
        in_query: Some(inline::<entities::NeighborsQuery>),
        in_body: None,
        answer: Some(of::<Page<surface::Neighbor>>),
    },
    Route {
        path: "/v1/entities/{key}/blast-radius",
        route: || get(paths::blast_radius),
        method: "get",
        id: "blastRadius",
        summary: "What one reaches who has an entity",
        in_path: KEY,
        in_query: Some(inline::<paths::BlastQuery>),
        in_body: None,
        answer: Some(of::<paths::Blast>),
    },
    Route {
        path: "/v1/paths",
        route: || get(paths::shortest),
        method: "get",
        id: "paths",
        summary: "How two entities hang together: the shortest paths between them",
        in_path: &[],
        in_query: Some(inline::<paths::PathsQuery>),
        in_body: None,
        answer: Some(of::<paths::Paths>),
    },
    Route {
        path: "/v1/exposed",
        route: || get(paths::exposed),
        method: "get",
        id: "exposed",
        summary: "Which data stores the Internet reaches, and how",
        in_path: &[],
        in_query: Some(inline::<paths::ExposedQuery>),
        in_body: None,
        answer: Some(of::<paths::Exposed>),
    },
    Route {
        path: "/v1/access/who-can",
        route: || post(access::who_can),
        method: "post",
        id: "whoCan",
        summary: "Who may do something to a resource, and for whom that is unknown and why",
        in_path: &[],
        in_query: None,
        in_body: Some(of::<access::AskWhoCan>),
        answer: Some(of::<Listed>),
    },
    Route {
        path: "/v1/access/what-can",
        route: || post(access::what_can),
        method: "post",
        id: "whatCan",
        summary: "What a principal may do",
        in_path: &[],
        in_query: None,
        in_body: Some(of::<access::AskWhatCan>),
        answer: Some(of::<Listed>),
    },
    Route {
        path: "/v1/access/explain",
        route: || post(access::explain),
        method: "post",
        id: "explain",
        summary: "Whether a principal may do something to a resource, and which statements say so",
        in_path: &[],
        in_query: None,
        in_body: Some(of::<access::AskExplain>),
        answer: Some(of::<Explained>),
    },
    Route {
        path: "/v1/accounts",
        route: || get(standing::accounts),
        method: "get",
        id: "accounts",
        summary: "The known accounts and where they stand",
        in_path: &[],
        in_query: Some(inline::<standing::AccountsQuery>),
        in_body: None,
        answer: Some(of::<Page<surface::Account>>),
    },
    Route {
        path: "/v1/coverage",
        route: || get(standing::coverage),
        method: "get",
        id: "coverage",
        summary: "What was read, when, and how it ended",
        in_path: &[],
        in_query: Some(inline::<standing::CoverageQuery>),
        in_body: None,
        answer: Some(of::<Page<surface::Partition>>),
    },
    Route {
        path: "/openapi.json",
        route: || get(async || Json(document())),
        method: "get",
        id: "openapi",
        summary: "This document",
        in_path: &[],
        in_query: None,
        in_body: None,
        answer: None,
    },
];

/// The document: `OpenAPI` 3.1.
pub(super) fn document() -> Value {
    let settings =
        SchemaSettings::draft2020_12().with(|it| it.definitions_path = "/components/schemas".into());
    let mut generator = settings.into_generator();
    let mut paths = Map::new();
    for route in ROUTES {
        let operation = operation(route, &mut generator);
        paths.insert(route.path.to_owned(), json!({ (route.method): operation }));
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "orgraph",
            "description": "Reads the graph of an AWS Organization. Nothing can be changed through it.",
            "version": env!("CARGO_PKG_VERSION"),
        },
        "paths": paths,
        "components": {
            "schemas": generator.take_definitions(true),
            "securitySchemes": { "token": { "type": "http", "scheme": "bearer" } },
        },
        // The second is for a daemon on loopback without a token.
        "security": [{ "token": [] }, {}],
    })
}

fn operation(route: &Route, generator: &mut SchemaGenerator) -> Value {
    let mut parameters: Vec<Value> = route
        .in_path
        .iter()
        .map(|(name, description)| {
            json!({
                "name": name, "in": "path", "required": true, "description": description,
                "schema": { "type": "string" },
            })
        })
        .collect();
    if let Some(schema) = route.in_query {
        let schema = schema(generator).to_value();
        let properties = schema.get("properties").and_then(Value::as_object);
        let required = schema.get("required").and_then(Value::as_array);
        let is_required = |name: &str| required.is_some_and(|it| it.iter().any(|it| it == name));
        parameters.extend(properties.into_iter().flatten().map(|(name, schema)| {
            let description = schema.get("description").cloned().unwrap_or_default();
            json!({
                "name": name, "in": "query", "required": is_required(name), "description": description,
                "schema": schema,
            })
        }));
    }
    let answer = route.answer.map_or_else(|| json!({ "type": "object" }), |it| it(generator).to_value());
    let problem = generator.subschema_for::<Details>().to_value();
    let mut operation = json!({
        "operationId": route.id,
        "summary": route.summary,
        "parameters": parameters,
        "responses": {
            "200": { "description": "The answer", "content": { "application/json": { "schema": answer } } },
            "default": {
                "description": "Why there is none",
                "content": { "application/problem+json": { "schema": problem } },
            },
        },
    });
    if let Some(schema) = route.in_body {
        let schema = schema(generator).to_value();
        operation["requestBody"] =
            json!({ "required": true, "content": { "application/json": { "schema": schema } } });
    }
    operation
}
