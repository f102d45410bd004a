//! Routes of an API: which request goes where.

use aws_sdk_apigatewayv2::types::{AuthorizationType, Route as Listed};
use orgraph_collect::prelude::*;

use super::Parent;

/// A route of an API: which requests it takes, and who may send them.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "AWS and the queries of users name the properties")]
pub(super) struct Route {
    /// The route's ID.
    id: String,
    /// The API it belongs to.
    api_id: String,
    /// The address it answers on: that of the API with the route's path.
    address: Option<String>,
    /// What it takes: method and path, the kind of a message, or `$default`.
    route_key: Option<String>,
    /// The method of HTTP that it takes, `ANY` for all; `null` where it does not go by method.
    method: Option<String>,
    /// The path that it takes; `null` where it does not go by path.
    path: Option<String>,
    /// Who may call it: `NONE` for everybody, `AWS_IAM`, `CUSTOM` or `JWT`.
    authorization_type: Option<String>,
    /// The authorizer that decides who may call it.
    authorizer_id: Option<String>,
    /// Whether an API key is needed.
    api_key_required: Option<bool>,
    /// Whether everybody may call it: no authorization and no API key.
    public: Option<bool>,
    /// Where it leads: `integrations/` and the ID of an integration.
    target: Option<String>,
}

impl Entity for Route {
    const TYPE: EntityType = AWS_API_GATEWAY_V2_ROUTE;
}

pub(super) fn route(cx: &Cx, out: &mut Batch, parent: &Parent<'_>, listed: Listed) {
    let Some(id) = listed.route_id else {
        return out.skip(None, "a route without an ID");
    };
    let route = parent.route(cx, &id);
    out.link(parent.api.clone(), Has, route.clone());
    if let Some(integration_id) = listed.target.as_deref().and_then(|it| it.strip_prefix("integrations/")) {
        out.link(route.clone(), Has, parent.integration(cx, integration_id));
    }
    if let Some(authorizer_id) = &listed.authorizer_id {
        out.link(route.clone(), Has, parent.authorizer(cx, authorizer_id));
    }

    let (method, path) = listed.route_key.as_deref().map(method_and_path).unwrap_or_default();
    let open = listed.authorization_type.as_ref().map(|it| *it == AuthorizationType::None);
    let keyless = listed.api_key_required.map(|it| !it);
    let link = parent.page(cx, "routes");
    out.add(
        route.key,
        listed.route_key.clone().unwrap_or_else(|| id.clone()),
        &Route {
            id,
            api_id: parent.id.to_owned(),
            address: parent.endpoint.map(|it| format!("{it}{}", path.unwrap_or_default())),
            method: method.map(ToOwned::to_owned),
            path: path.map(ToOwned::to_owned),
            authorization_type: listed.authorization_type.map(|it| it.as_str().to_owned()),
            authorizer_id: listed.authorizer_id,
            api_key_required: listed.api_key_required,
            public: open.zip(keyless).map(|(open, keyless)| open && keyless),
            target: listed.target,
            route_key: listed.route_key.clone(),
        },
    )
    .web_link(link);
}

/// A route of an HTTP API is `GET /pets`; that of a WebSocket API, and the default one, is a word.
fn method_and_path(route_key: &str) -> (Option<&str>, Option<&str>) {
    match route_key.split_once(' ') {
        Some((method, path)) => (Some(method), Some(path)),
        None => (None, None),
    }
}
