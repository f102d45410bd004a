//! Authorizers of an API: who decides whether a request may pass.

use aws_sdk_apigatewayv2::types::Authorizer as Listed;
use orgraph_collect::prelude::*;

use super::Parent;
use crate::lambda;

/// An authorizer of an API: who decides whether a request may pass.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "AWS and the queries of users name the properties")]
pub(super) struct Authorizer {
    /// The authorizer's ID.
    id: String,
    /// The API it belongs to.
    api_id: String,
    /// `REQUEST` for a Lambda function, or `JWT`.
    authorizer_type: Option<String>,
    /// How the Lambda function is invoked; `null` for a JWT.
    authorizer_uri: Option<String>,
    /// The role with which the Lambda function is invoked.
    authorizer_credentials_arn: Option<String>,
    /// The parts of a request by which it decides.
    identity_source: Vec<String>,
    /// How long a decision is kept, in seconds.
    result_ttl_in_seconds: Option<i32>,
    /// Who issues the tokens that it accepts.
    jwt_issuer: Option<String>,
    /// The clients whose tokens it accepts.
    jwt_audience: Option<Vec<String>>,
    /// Whether the Lambda function answers with yes or no instead of a policy.
    enable_simple_responses: Option<bool>,
}

impl Entity for Authorizer {
    const TYPE: EntityType = AWS_API_GATEWAY_V2_AUTHORIZER;
}

pub(super) fn authorizer(cx: &Cx, out: &mut Batch, parent: &Parent<'_>, listed: Listed) {
    let Some(id) = listed.authorizer_id else {
        return out.skip(None, "an authorizer without an ID");
    };
    let authorizer = parent.authorizer(cx, &id);
    if let Some(uri) = &listed.authorizer_uri {
        let addresses = parent.addresses(out, &authorizer, uri);
        for function in addresses.iter().filter_map(|it| lambda::invoked(it)) {
            out.link(authorizer.clone(), Connects, function);
        }
    }
    let (jwt_issuer, jwt_audience) = match listed.jwt_configuration {
        Some(jwt) => (jwt.issuer, jwt.audience),
        None => (None, None),
    };
    let link = parent.page(cx, "authorizers");
    out.add(
        authorizer.key,
        listed.name.unwrap_or_else(|| id.clone()),
        &Authorizer {
            id,
            api_id: parent.id.to_owned(),
            authorizer_type: listed.authorizer_type.map(|it| it.as_str().to_owned()),
            authorizer_uri: listed.authorizer_uri,
            authorizer_credentials_arn: listed.authorizer_credentials_arn,
            identity_source: listed.identity_source.unwrap_or_default(),
            result_ttl_in_seconds: listed.authorizer_result_ttl_in_seconds,
            jwt_issuer,
            jwt_audience,
            enable_simple_responses: listed.enable_simple_responses,
        },
    )
    .web_link(link);
}
