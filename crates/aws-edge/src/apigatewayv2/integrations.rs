//! Integrations of an API: what answers its requests.

use aws_sdk_apigatewayv2::types::Integration as Listed;
use orgraph_collect::prelude::*;

use super::Parent;
use super::destinations::{Destination, destinations, queue};

/// An integration of an API: what answers its requests. Templates and the values of parameters are never read into the
/// graph.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "AWS and the queries of users name the properties")]
pub(super) struct Integration {
    /// The integration's ID.
    id: String,
    /// The API it belongs to.
    api_id: String,
    /// `AWS_PROXY`, `HTTP_PROXY`, `AWS`, `HTTP` or `MOCK`.
    integration_type: Option<String>,
    /// The action of a service of AWS that is called, such as `SQS-SendMessage`.
    integration_subtype: Option<String>,
    /// The method by which it is asked.
    integration_method: Option<String>,
    /// The address or ARN of what answers.
    integration_uri: Option<String>,
    /// `INTERNET` or `VPC_LINK`.
    connection_type: Option<String>,
    /// The link into a VPC.
    connection_id: Option<String>,
    /// The role with which a service of AWS is called.
    credentials_arn: Option<String>,
    /// The version of the format in which a function gets requests.
    payload_format_version: Option<String>,
    /// How long an answer is waited for, in milliseconds.
    timeout_in_millis: Option<i32>,
    /// What its makers say about it.
    description: Option<String>,
}

impl Entity for Integration {
    const TYPE: EntityType = AWS_API_GATEWAY_V2_INTEGRATION;
}

pub(super) fn integration(cx: &Cx, out: &mut Batch, parent: &Parent<'_>, listed: Listed) {
    let Some(id) = listed.integration_id else {
        return out.skip(None, "an integration without an ID");
    };
    let integration = parent.integration(cx, &id);
    if let Some(uri) = &listed.integration_uri {
        for uri in parent.addresses(out, &integration, uri) {
            for destination in destinations(&uri) {
                connect(cx, out, &integration, destination);
            }
        }
    }
    let is_queue = listed.integration_subtype.as_deref().is_some_and(|it| it.starts_with("SQS-"));
    let queue_url = listed.request_parameters.as_ref().and_then(|it| it.get("QueueUrl"));
    if let Some(queue) = queue_url.filter(|_| is_queue).and_then(|it| queue(it)) {
        out.link(integration.clone(), Connects, queue);
    }
    let link = parent.page(cx, "integrations");
    out.add(
        integration.key,
        &id,
        &Integration {
            id: id.clone(),
            api_id: parent.id.to_owned(),
            integration_type: listed.integration_type.map(|it| it.as_str().to_owned()),
            integration_subtype: listed.integration_subtype,
            integration_method: listed.integration_method,
            integration_uri: listed.integration_uri,
            connection_type: listed.connection_type.map(|it| it.as_str().to_owned()),
            connection_id: listed.connection_id,
            credentials_arn: listed.credentials_arn,
            payload_format_version: listed.payload_format_version,
            timeout_in_millis: listed.timeout_in_millis,
            description: listed.description,
        },
    )
    .web_link(link);
}

fn connect(cx: &Cx, out: &mut Batch, integration: &Ref, destination: Destination) {
    match destination {
        Destination::Named(named) => {
            out.link(integration.clone(), Connects, named);
        }
        Destination::With(to_type, property, value) => {
            out.find(integration.clone(), Connects, to_type, property, &value).any_region = true;
        }
        Destination::Address(ip) => {
            let host = HOST.at(format!("host:{ip}"));
            out.placeholder(&host, cx.account(), &ip.to_string());
            out.link(integration.clone(), Connects, host);
        }
    }
}
