//! API Gateway: REST APIs.

use std::collections::{BTreeSet, HashMap};

use aws_sdk_apigateway::Client;
use aws_sdk_apigateway::types::{EndpointType, MethodSetting, RestApi as Listed, Stage};
use orgraph_collect::prelude::*;

use crate::lambda;
use crate::stages::{self, Variables};

/// How many items a page is asked to hold.
const PAGE_SIZE: i32 = 500;

/// What is read, without the keys of those who call.
const RESOURCES: &[&str] = &["arn:*:apigateway:*::/restapis*"];

pub(crate) static REST_APIS: Collector = Collector {
    name: "apigateway_rest_apis",
    service: Service::API_GATEWAY,
    scope: Scope::Region,
    calls: &[
        call("GetRestApis").needs("apigateway:GET").only_on(RESOURCES).lists("item"),
        call("GetStages").needs("apigateway:GET").only_on(RESOURCES).lists("item"),
        call("GetResources").needs("apigateway:GET").only_on(RESOURCES).lists("item"),
    ],
    entities: &[entity::<RestApi>()],
    relationships: &[
        rel(AWS_APIGATEWAY, Has, AWS_API_GATEWAY_REST_API),
        rel(AWS_API_GATEWAY_REST_API, Triggers, AWS_LAMBDA_FUNCTION),
    ],
    collect: |cx, out| Box::pin(rest_apis(cx, out)),
};

/// A REST API: its settings and stages, never templates or the values of stage variables.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct RestApi {
    /// The API's ID.
    id: String,
    /// At which level it works: always `application`.
    category: [&'static str; 1],
    /// What it does: always `api-gateway`.
    function: [&'static str; 1],
    /// Whether it can be called from outside of a VPC: none of its endpoints is `PRIVATE`.
    public: bool,
    /// What its makers say about it.
    description: Option<String>,
    /// `EDGE`, `REGIONAL` or `PRIVATE`.
    endpoint_types: Vec<String>,
    /// Where a request carries its API key: `HEADER` or `AUTHORIZER`.
    api_key_source: Option<String>,
    /// The version that its makers gave it.
    version: Option<String>,
    /// Whether it answers by domain names of its own alone.
    disable_execute_api_endpoint: bool,
    /// The host name that AWS gave it; `null` where that is disabled.
    dns_name: Option<String>,
    /// The names of its stages.
    stages: Vec<String>,
    /// Whether every stage traces requests with X-Ray; `null` without stages.
    tracing_enabled: Option<bool>,
    /// Whether every stage logs the execution of all its methods, errors at least; `null` without stages.
    logging_enabled: Option<bool>,
    /// When it was created, in milliseconds since the epoch.
    created_on: Option<i64>,
}

impl Entity for RestApi {
    const TYPE: EntityType = AWS_API_GATEWAY_REST_API;
}

/// What is asked about each API. Of its resources only where their integrations lead is kept.
struct Details {
    stages: Detail<Option<Vec<Stage>>>,
    uris: Detail<Option<BTreeSet<String>>>,
}

async fn rest_apis(cx: &Cx, out: &mut Batch) -> Result<(), CollectError> {
    let api_gateway = client!(aws_sdk_apigateway, API_GATEWAY, cx);
    let mut pages = pages!(cx, api_gateway.get_rest_apis().limit(PAGE_SIZE), position);
    while let Some(page) = pages.next().await? {
        let details = |listed: Listed| async {
            let id = listed.id.as_deref().unwrap_or_default();
            let stages = detail(api_gateway.get_stages().rest_api_id(id).send().await)?;
            let stages = stages.map(|it| Some(it?.item.unwrap_or_default()));
            let uris = detail_pages(uris(cx, &api_gateway, id).await)?;
            Ok::<_, CollectError>((listed, Details { stages, uris }))
        };
        for detailed in cx.concurrently(page.items.unwrap_or_default(), details).await {
            let (listed, details) = detailed?;
            rest_api(cx, out, listed, &details);
        }
    }
    Ok(())
}

async fn uris(cx: &Cx, api_gateway: &Client, id: &str) -> Result<BTreeSet<String>, CollectError> {
    let request = api_gateway.get_resources().rest_api_id(id).limit(PAGE_SIZE).embed("methods");
    let mut pages = pages!(cx, request, position);
    let mut uris = BTreeSet::new();
    while let Some(page) = pages.next().await? {
        let resources = page.items.unwrap_or_default().into_iter();
        let methods = resources.flat_map(|it| it.resource_methods.unwrap_or_default().into_values());
        uris.extend(methods.filter_map(|it| it.method_integration?.uri));
    }
    Ok(uris)
}

fn rest_api(cx: &Cx, out: &mut Batch, listed: Listed, details: &Details) {
    let Some(id) = listed.id else {
        return out.skip(None, "a REST API without an ID");
    };
    // It was deleted since it was listed.
    if matches!(details.stages, Detail::Known(None)) {
        return;
    }
    let name = listed.name.unwrap_or_else(|| id.clone());
    let api = AWS_API_GATEWAY_REST_API.at(cx.arn_of("", "apigateway", format_args!("/restapis/{id}")));
    let stages = details.stages.known().and_then(Option::as_deref).unwrap_or_default();
    let endpoints = listed.endpoint_configuration.and_then(|it| it.types).unwrap_or_default();
    let names: BTreeSet<String> = stages.iter().filter_map(|it| it.stage_name.clone()).collect();

    let variables: Vec<&Variables> = stages.iter().filter_map(Stage::variables).collect();
    for uri in details.uris.known().and_then(Option::as_ref).into_iter().flatten() {
        for function in stages::filled_in(uri, &variables).iter().filter_map(|it| lambda::invoked(it)) {
            out.link(api.clone(), Triggers, function);
        }
    }
    out.add(
        api.key,
        name,
        &RestApi {
            category: ["application"],
            function: ["api-gateway"],
            public: !endpoints.contains(&EndpointType::Private),
            description: listed.description,
            endpoint_types: endpoints.iter().map(|it| it.as_str().to_owned()).collect(),
            api_key_source: listed.api_key_source.map(|it| it.as_str().to_owned()),
            version: listed.version,
            disable_execute_api_endpoint: listed.disable_execute_api_endpoint,
            dns_name: (!listed.disable_execute_api_endpoint).then(|| stages::dns_name(cx, &id)),
            tracing_enabled: stages::every(stages, |it| it.tracing_enabled),
            logging_enabled: stages::every(stages, logs_execution),
            stages: names.into_iter().collect(),
            created_on: listed.created_date.as_ref().and_then(millis),
            id: id.clone(),
        },
    )
    .tags(listed.tags.unwrap_or_default())
    .web_link(cx.console(format_args!("apigateway/main/apis/{id}/resources?api={id}&region={}", cx.region())))
    .unknown(&details.stages, &["stages", "tracingEnabled", "loggingEnabled"])
    .unknown(&details.uris, &[]);
}

/// The settings of a stage under `*/*` are those of all its methods.
fn logs_execution(stage: &Stage) -> bool {
    let settings: Option<&HashMap<_, _>> = stage.method_settings();
    let level = settings.and_then(|it| it.get("*/*")).and_then(MethodSetting::logging_level);
    matches!(level, Some("ERROR" | "INFO"))
}
