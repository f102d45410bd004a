//! API Gateway: HTTP and WebSocket APIs, with the routes, integrations and authorizers that are reached only through
//! them.

mod authorizers;
mod destinations;
mod integrations;
mod routes;

use std::collections::BTreeSet;

use aws_sdk_apigatewayv2::Client;
use aws_sdk_apigatewayv2::types::{
    Api as Listed, Authorizer as ListedAuthorizer, Integration as ListedIntegration, Route as ListedRoute,
    Stage,
};
use orgraph_collect::prelude::*;

use crate::stages::{self, Variables};
use authorizers::{Authorizer, authorizer};
use integrations::{Integration, integration};
use routes::{Route, route};

/// What is read, without the keys of those who call.
const RESOURCES: &[&str] = &["arn:*:apigateway:*::/apis*"];

pub(crate) static APIS: Collector = Collector {
    name: "apigatewayv2_apis",
    service: Service::API_GATEWAY_V2,
    scope: Scope::Region,
    calls: &[
        call("GetApis").needs("apigateway:GET").only_on(RESOURCES).lists("items"),
        call("GetStages").needs("apigateway:GET").only_on(RESOURCES).lists("items"),
        call("GetRoutes").needs("apigateway:GET").only_on(RESOURCES).lists("items"),
        call("GetIntegrations").needs("apigateway:GET").only_on(RESOURCES).lists("items"),
        call("GetAuthorizers").needs("apigateway:GET").only_on(RESOURCES).lists("items"),
    ],
    entities: &[entity::<Api>(), entity::<Route>(), entity::<Integration>(), entity::<Authorizer>()],
    relationships: &[
        rel(AWS_APIGATEWAY, Has, AWS_API_GATEWAY_V2_API),
        rel(AWS_API_GATEWAY_V2_API, Has, AWS_API_GATEWAY_V2_ROUTE),
        rel(AWS_API_GATEWAY_V2_ROUTE, Has, AWS_API_GATEWAY_V2_INTEGRATION),
        rel(AWS_API_GATEWAY_V2_ROUTE, Has, AWS_API_GATEWAY_V2_AUTHORIZER),
        rel(AWS_API_GATEWAY_V2_AUTHORIZER, Connects, AWS_LAMBDA_FUNCTION),
        rel(AWS_API_GATEWAY_V2_INTEGRATION, Connects, AWS_LAMBDA_FUNCTION),
        rel(AWS_API_GATEWAY_V2_INTEGRATION, Connects, AWS_LB_LISTENER),
        rel(AWS_API_GATEWAY_V2_INTEGRATION, Connects, AWS_SQS_QUEUE),
        rel(AWS_API_GATEWAY_V2_INTEGRATION, Connects, AWS_ALB),
        rel(AWS_API_GATEWAY_V2_INTEGRATION, Connects, AWS_NLB),
        rel(AWS_API_GATEWAY_V2_INTEGRATION, Connects, AWS_ELB),
        rel(AWS_API_GATEWAY_V2_INTEGRATION, Connects, AWS_LB),
        rel(AWS_API_GATEWAY_V2_INTEGRATION, Connects, AWS_CLOUDFRONT_DISTRIBUTION),
        rel(AWS_API_GATEWAY_V2_INTEGRATION, Connects, AWS_API_GATEWAY_REST_API),
        rel(AWS_API_GATEWAY_V2_INTEGRATION, Connects, AWS_API_GATEWAY_V2_API),
        rel(AWS_API_GATEWAY_V2_INTEGRATION, Connects, AWS_INSTANCE),
        rel(AWS_API_GATEWAY_V2_INTEGRATION, Connects, HOST),
    ],
    collect: |cx, out| Box::pin(apis(cx, out)),
};

/// An HTTP or WebSocket API: its settings and stages, never the values of stage variables.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Api {
    /// The API's ID.
    id: String,
    /// At which level it works: always `application`.
    category: [&'static str; 1],
    /// What it does: always `api-gateway`.
    function: [&'static str; 1],
    /// Whether it can be called from the internet: true, since no such API is private. Absent where it answers by
    /// domain names of its own alone, because these are not read.
    #[serde(skip_serializing_if = "Option::is_none")]
    public: Option<bool>,
    /// `HTTP` or `WEBSOCKET`.
    protocol_type: Option<String>,
    /// The address that AWS gave it.
    endpoint: Option<String>,
    /// The host name of that address; `null` where it is disabled.
    dns_name: Option<String>,
    /// Whether it answers by domain names of its own alone.
    disable_execute_api_endpoint: bool,
    /// The web sites whose scripts may call it; `null` where that is not configured.
    cors_allow_origins: Option<Vec<String>>,
    /// The version that its makers gave it.
    version: Option<String>,
    /// What its makers say about it.
    description: Option<String>,
    /// When it was created, in milliseconds since the epoch.
    created_on: Option<i64>,
    /// Whether every stage logs access; `null` without stages.
    logging_enabled: Option<bool>,
    /// The names of its stages.
    stages: Vec<String>,
}

impl Entity for Api {
    const TYPE: EntityType = AWS_API_GATEWAY_V2_API;
}

/// An answer that may have failed; `None` when the API was deleted since it was listed.
type Listing<T> = Detail<Option<Vec<T>>>;

/// What is asked about each API.
struct Details {
    stages: Listing<Stage>,
    routes: Listing<ListedRoute>,
    integrations: Listing<ListedIntegration>,
    authorizers: Listing<ListedAuthorizer>,
}

/// What the parts of an API need to know of it.
struct Parent<'a> {
    api: Ref,
    id: &'a str,
    endpoint: Option<&'a str>,
    stages: &'a Listing<Stage>,
}

impl Parent<'_> {
    /// The addresses that `uri` stands for. What they lead to is kept in the graph where the stages are not known.
    fn addresses(&self, out: &mut Batch, of: &Ref, uri: &str) -> BTreeSet<String> {
        let stages = self.stages.known().and_then(Option::as_deref).unwrap_or_default();
        let variables: Vec<&Variables> = stages.iter().filter_map(Stage::stage_variables).collect();
        if stages::has_variables(uri) {
            out.keep(of.key.clone(), self.stages);
        }
        stages::filled_in(uri, &variables)
    }

    /// The key of a part of the API; its ARN names no account.
    fn part(&self, cx: &Cx, part_type: EntityType, kind: &str, id: &str) -> Ref {
        part_type.at(cx.arn_of("", "apigateway", format_args!("/apis/{}/{kind}/{id}", self.id)))
    }

    fn route(&self, cx: &Cx, id: &str) -> Ref {
        self.part(cx, AWS_API_GATEWAY_V2_ROUTE, "routes", id)
    }

    fn integration(&self, cx: &Cx, id: &str) -> Ref {
        self.part(cx, AWS_API_GATEWAY_V2_INTEGRATION, "integrations", id)
    }

    fn authorizer(&self, cx: &Cx, id: &str) -> Ref {
        self.part(cx, AWS_API_GATEWAY_V2_AUTHORIZER, "authorizers", id)
    }

    /// The console page that lists the parts of one kind.
    fn page(&self, cx: &Cx, kind: &str) -> String {
        cx.console(format_args!("apigateway/main/develop/{kind}?api={}&region={}", self.id, cx.region()))
    }
}

async fn apis(cx: &Cx, out: &mut Batch) -> Result<(), CollectError> {
    let api_gateway = client!(aws_sdk_apigatewayv2, API_GATEWAY_V2, cx);
    let mut pages = pages!(cx, api_gateway.get_apis(), next_token => set_next_token);
    while let Some(page) = pages.next().await? {
        let details = |listed: Listed| async {
            let id = listed.api_id.as_deref().unwrap_or_default();
            let details = details(cx, &api_gateway, id).await?;
            Ok::<_, CollectError>((listed, details))
        };
        for detailed in cx.concurrently(page.items.unwrap_or_default(), details).await {
            let (listed, details) = detailed?;
            api(cx, out, listed, details);
        }
    }
    Ok(())
}

async fn details(cx: &Cx, api_gateway: &Client, id: &str) -> Result<Details, CollectError> {
    let stages = pages!(cx, api_gateway.get_stages().api_id(id), next_token => set_next_token);
    let routes = pages!(cx, api_gateway.get_routes().api_id(id), next_token => set_next_token);
    let integrations = pages!(cx, api_gateway.get_integrations().api_id(id), next_token => set_next_token);
    let authorizers = pages!(cx, api_gateway.get_authorizers().api_id(id), next_token => set_next_token);
    Ok(Details {
        stages: detail_pages(stages.all(|it| it.items).await)?,
        routes: detail_pages(routes.all(|it| it.items).await)?,
        integrations: detail_pages(integrations.all(|it| it.items).await)?,
        authorizers: detail_pages(authorizers.all(|it| it.items).await)?,
    })
}

fn api(cx: &Cx, out: &mut Batch, listed: Listed, details: Details) {
    let Some(id) = listed.api_id.clone() else {
        return out.skip(None, "an API without an ID");
    };
    // It was deleted since it was listed.
    if matches!(details.stages, Detail::Known(None)) {
        return;
    }
    let endpoint = listed.api_endpoint.clone();
    let api = AWS_API_GATEWAY_V2_API.at(cx.arn_of("", "apigateway", format_args!("/apis/{id}")));
    let stages = details.stages.known().and_then(Option::as_deref).unwrap_or_default();
    let name = listed.name.clone().unwrap_or_else(|| id.clone());
    let tags = listed.tags.clone().unwrap_or_default();
    out.add(api.key.clone(), name, &shape(&id, listed, stages))
        .tags(tags)
        .web_link(cx.console(format_args!("apigateway/main/api-detail?api={id}&region={}", cx.region())))
        .unknown(&details.stages, &["stages", "loggingEnabled"]);

    let parent = Parent { api, id: &id, endpoint: endpoint.as_deref(), stages: &details.stages };
    for listed in parts(out, details.routes) {
        route(cx, out, &parent, listed);
    }
    for listed in parts(out, details.integrations) {
        integration(cx, out, &parent, listed);
    }
    for listed in parts(out, details.authorizers) {
        authorizer(cx, out, &parent, listed);
    }
}

/// The parts that were listed. Where the listing failed none may be taken for deleted.
fn parts<T>(out: &mut Batch, listing: Listing<T>) -> Vec<T> {
    match listing {
        Detail::Known(listed) => listed.unwrap_or_default(),
        Detail::Unknown(error) => {
            out.incomplete(&error);
            Vec::new()
        }
    }
}

fn shape(id: &str, listed: Listed, stages: &[Stage]) -> Api {
    let disabled = listed.disable_execute_api_endpoint.unwrap_or_default();
    let host =
        listed.api_endpoint.as_deref().and_then(|it| it.split_once("://")).map(|(_, it)| it.to_owned());
    let names: BTreeSet<String> = stages.iter().filter_map(|it| it.stage_name.clone()).collect();
    Api {
        id: id.to_owned(),
        category: ["application"],
        function: ["api-gateway"],
        public: (!disabled).then_some(true),
        protocol_type: listed.protocol_type.map(|it| it.as_str().to_owned()),
        endpoint: listed.api_endpoint,
        dns_name: host.filter(|_| !disabled),
        disable_execute_api_endpoint: disabled,
        cors_allow_origins: listed.cors_configuration.and_then(|it| it.allow_origins),
        version: listed.version,
        description: listed.description,
        created_on: listed.created_date.as_ref().and_then(millis),
        logging_enabled: stages::every(stages, logs_access),
        stages: names.into_iter().collect(),
    }
}

fn logs_access(stage: &Stage) -> bool {
    stage.access_log_settings().is_some_and(|it| it.destination_arn().is_some())
}
