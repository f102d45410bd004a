//! Listeners: the ports that a load balancer answers on.

use aws_sdk_elasticloadbalancingv2::Client;
use aws_sdk_elasticloadbalancingv2::types::{Certificate, Listener as Listed, Rule as ListedRule};
use orgraph_collect::prelude::*;

use super::rules::rules;
use super::{actions, tags_by_arn};
use crate::load_balancing::{Pairs, server_certificate, sorted};

/// A listener: a port that a load balancer answers on, and what it does with what comes in.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Listener {
    /// The end of its ARN, unique within the load balancer.
    id: String,
    /// Where clients connect to: protocol, host name and port; `null` for gateway load balancers, which take all traffic.
    address: Option<String>,
    /// `HTTP`, `HTTPS`, `TCP`, `TLS`, `UDP` and so on.
    protocol: Option<String>,
    /// The port.
    port: Option<i32>,
    /// The load balancer it belongs to.
    load_balancer_arn: String,
    /// The protocols and ciphers it offers; `null` where it does not encrypt.
    ssl_policy: Option<String>,
    /// All its certificates, the default one and those chosen by host name.
    certificate_arns: Vec<String>,
    /// What it does by default: `forward`, `redirect`, `fixed-response` or a way to authenticate, in order.
    default_action_types: Vec<String>,
    /// The target groups that it forwards to by default.
    target_group_arns: Vec<String>,
    /// Whether it sends clients to HTTPS by default.
    redirects_to_https: bool,
}

impl Entity for Listener {
    const TYPE: EntityType = AWS_LB_LISTENER;
}

/// The load balancer that a listener belongs to.
#[derive(Clone)]
pub(super) struct Balanced {
    pub(super) balancer: Ref,
    pub(super) dns_name: Option<String>,
    /// Gateway load balancers have listeners without rules.
    pub(super) has_rules: bool,
}

/// What is asked about each listener.
struct Details {
    certificates: Detail<Option<Vec<Certificate>>>,
    rules: Detail<Option<Vec<ListedRule>>>,
}

pub(super) async fn listeners(
    cx: &Cx,
    out: &mut Batch,
    elb: &Client,
    found: Vec<(Balanced, Listed)>,
) -> Result<(), CollectError> {
    let arns = found.iter().filter_map(|(_, it)| it.listener_arn.clone()).collect();
    let tags = tags_by_arn(cx, elb, arns).await?;
    let details = |(balanced, listed): (Balanced, Listed)| async {
        let details = details(cx, elb, &balanced, &listed).await?;
        Ok::<_, CollectError>((balanced, listed, details))
    };
    let mut found_rules = Vec::new();
    for detailed in cx.concurrently(found, details).await {
        let (balanced, listed, details) = detailed?;
        let tags = tags.of(listed.listener_arn.as_deref().unwrap_or_default());
        let Some(arn) = listener(cx, out, &balanced, listed, &details.certificates, &tags) else {
            continue;
        };
        match details.rules {
            Detail::Known(listed) => {
                found_rules.extend(listed.unwrap_or_default().into_iter().map(|it| (arn.clone(), it)));
            }
            // Which rules it has is not known, so none may be taken for deleted.
            Detail::Unknown(error) => out.incomplete(&error),
        }
    }
    rules(cx, out, elb, found_rules).await
}

async fn details(
    cx: &Cx,
    elb: &Client,
    balanced: &Balanced,
    listed: &Listed,
) -> Result<Details, CollectError> {
    let arn = listed.listener_arn().unwrap_or_default();
    let certificates = if is_encrypted(listed) {
        let request = elb.describe_listener_certificates().listener_arn(arn);
        let pages = pages!(cx, request, next_marker);
        detail_pages(pages.all(|it| it.certificates).await)?
    } else {
        Detail::Known(Some(Vec::new()))
    };
    let rules = if balanced.has_rules {
        let pages = pages!(cx, elb.describe_rules().listener_arn(arn), next_marker);
        match pages.all(|it| it.rules).await {
            // A protocol that knows no rules.
            Err(error) if error.code() == Some("UnsupportedProtocol") => Detail::Known(None),
            rules => detail_pages(rules)?,
        }
    } else {
        Detail::Known(None)
    };
    Ok(Details { certificates, rules })
}

fn is_encrypted(listed: &Listed) -> bool {
    let protocol = listed.protocol().is_some_and(|it| matches!(it.as_str(), "HTTPS" | "TLS"));
    protocol || !listed.certificates().is_empty()
}

/// Its ARN, unless it was deleted since it was listed.
fn listener(
    cx: &Cx,
    out: &mut Batch,
    balanced: &Balanced,
    listed: Listed,
    certificates: &Detail<Option<Vec<Certificate>>>,
    tags: &Detail<Pairs>,
) -> Option<String> {
    let Some(arn) = listed.listener_arn else {
        out.skip(None, "a listener without an ARN");
        return None;
    };
    if matches!(certificates, Detail::Known(None)) {
        return None;
    }
    let more = certificates.known().and_then(Option::as_ref).cloned().unwrap_or_default();
    let all = listed.certificates.unwrap_or_default().into_iter().chain(more);
    let certificate_arns = sorted(all.filter_map(|it| it.certificate_arn));
    let actions = actions(listed.default_actions.as_deref().unwrap_or_default());
    let protocol = listed.protocol.map(|it| it.as_str().to_owned());
    let id = last_segment(&arn).to_owned();
    let name = match (&protocol, listed.port) {
        (Some(protocol), Some(port)) => format!("{protocol}:{port}"),
        _ => id.clone(),
    };

    let listener = AWS_LB_LISTENER.at(&arn);
    out.add(
        &arn,
        name,
        &Listener {
            id,
            address: address(protocol.as_deref(), balanced.dns_name.as_deref(), listed.port),
            protocol,
            port: listed.port,
            load_balancer_arn: balanced.balancer.key.to_string(),
            ssl_policy: listed.ssl_policy,
            certificate_arns: certificate_arns.clone(),
            default_action_types: actions.types,
            target_group_arns: actions.target_group_arns,
            redirects_to_https: actions.redirects_to_https,
        },
    )
    .tags(tags.known().cloned().unwrap_or_default())
    .web_link(cx.console(format_args!("ec2/home?region={}#ELBListenerV2:listenerArn={arn}", cx.region())))
    .unknown(certificates, &["certificateArns"])
    .unknown(tags, &["tags"]);

    out.link(balanced.balancer.clone(), Connects, listener.clone());
    let is_application = balanced.balancer.entity_type == AWS_ALB;
    for certificate in certificate_arns {
        if let Some(certificate) = server_certificate(&certificate) {
            out.link(listener.clone(), Uses, certificate);
        } else if is_application {
            out.link(balanced.balancer.clone(), Uses, AWS_ACM_CERTIFICATE.at(certificate));
        }
    }
    if is_application {
        out.keep(balanced.balancer.key.clone(), certificates);
    }
    Some(arn)
}

fn address(protocol: Option<&str>, dns_name: Option<&str>, port: Option<i32>) -> Option<String> {
    let scheme = protocol?.to_ascii_lowercase();
    Some(format!("{scheme}://{}:{}", dns_name?, port?))
}
