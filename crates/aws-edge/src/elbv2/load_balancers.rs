//! Load balancers, with the listeners and rules that are reached only through them.

use std::collections::HashMap;

use aws_sdk_elasticloadbalancingv2::Client;
use aws_sdk_elasticloadbalancingv2::types::{
    Listener as ListedListener, LoadBalancer as Listed, LoadBalancerTypeEnum,
};
use orgraph_collect::prelude::*;

use super::listeners::{Balanced, Listener, listeners};
use super::rules::Rule;
use super::tags_by_arn;
use crate::load_balancing::{Pairs, dualstack, link_groups, sorted};

pub(crate) static LOAD_BALANCERS: Collector = Collector {
    name: "elbv2_load_balancers",
    service: Service::ELB_V2,
    scope: Scope::Region,
    calls: &[
        call("DescribeLoadBalancers"),
        call("DescribeLoadBalancerAttributes"),
        call("DescribeListeners"),
        call("DescribeListenerCertificates"),
        call("DescribeRules"),
        call("DescribeTags"),
    ],
    entities: &[
        entity::<ApplicationLoadBalancer>(),
        entity::<NetworkLoadBalancer>(),
        entity::<OtherLoadBalancer>(),
        entity::<Listener>(),
        entity::<Rule>(),
    ],
    relationships: &[
        rel(AWS_ELASTICLOADBALANCING, Has, AWS_ALB),
        rel(AWS_ELASTICLOADBALANCING, Has, AWS_NLB),
        rel(AWS_ELASTICLOADBALANCING, Has, AWS_LB),
        rel(AWS_ALB, Has, AWS_SECURITY_GROUP),
        rel(AWS_NLB, Has, AWS_SECURITY_GROUP),
        rel(AWS_LB, Has, AWS_SECURITY_GROUP),
        rel(AWS_SECURITY_GROUP, Protects, AWS_ALB),
        rel(AWS_SECURITY_GROUP, Protects, AWS_NLB),
        rel(AWS_SECURITY_GROUP, Protects, AWS_LB),
        rel(AWS_ALB, Connects, AWS_LB_LISTENER),
        rel(AWS_NLB, Connects, AWS_LB_LISTENER),
        rel(AWS_LB, Connects, AWS_LB_LISTENER),
        rel(AWS_ALB, Uses, AWS_ACM_CERTIFICATE),
        rel(AWS_LB_LISTENER, Uses, AWS_IAM_SERVER_CERTIFICATE),
        rel(AWS_LB_LISTENER, Has, AWS_LB_LISTENER_RULE),
    ],
    collect: |cx, out| Box::pin(load_balancers(cx, out)),
};

/// An application load balancer: it tells requests of HTTP apart.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ApplicationLoadBalancer {
    #[serde(flatten)]
    common: LoadBalancer,
    /// Whether headers with names that are not valid are taken out of requests.
    drop_invalid_headers: Option<bool>,
    /// What is done with requests that may be read in two ways: `monitor`, `defensive` or `strictest`.
    desync_mitigation_mode: Option<String>,
}

impl Entity for ApplicationLoadBalancer {
    const TYPE: EntityType = AWS_ALB;
}

/// A network load balancer: it passes connections on.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct NetworkLoadBalancer {
    #[serde(flatten)]
    common: LoadBalancer,
}

impl Entity for NetworkLoadBalancer {
    const TYPE: EntityType = AWS_NLB;
}

/// A load balancer of another kind, such as a gateway load balancer, which passes packets through appliances.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct OtherLoadBalancer {
    #[serde(flatten)]
    common: LoadBalancer,
}

impl Entity for OtherLoadBalancer {
    const TYPE: EntityType = AWS_LB;
}

/// What load balancers of all kinds have.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct LoadBalancer {
    /// The load balancer's name.
    id: String,
    /// At which level it works: `application` or `network`.
    category: [&'static str; 1],
    /// What it does: always `load-balancing`.
    function: [&'static str; 1],
    /// Whether it faces the internet.
    public: bool,
    /// `internet-facing` or `internal`; `null` where a kind has no such choice.
    scheme: Option<String>,
    /// The host name that clients call; `null` for gateway load balancers, which have none.
    dns_name: Option<String>,
    /// The host name by which aliases in Route 53 refer to it.
    dualstack_dns_name: Option<String>,
    /// `active`, `provisioning`, `active_impaired` or `failed`.
    state: Option<String>,
    /// Whether it passes traffic on: its state is `active` or `active_impaired`.
    active: Option<bool>,
    /// The VPC it is in.
    vpc_id: Option<String>,
    /// The subnets it has addresses in.
    subnet_ids: Vec<String>,
    /// The security groups that filter what reaches it.
    security_group_ids: Vec<String>,
    /// The availability zones it has addresses in.
    availability_zones: Vec<String>,
    /// Whether access is logged to a bucket; `null` where a kind has no such log.
    logging_enabled: Option<bool>,
    /// Whether it is protected from being deleted.
    deletion_protection: Option<bool>,
    /// When it was created, in milliseconds since the epoch.
    created_on: Option<i64>,
}

/// Settings by their names in AWS.
type Attributes = HashMap<String, String>;

/// What is asked about each load balancer.
struct Details {
    attributes: Detail<Option<Attributes>>,
    listeners: Detail<Option<Vec<ListedListener>>>,
}

async fn load_balancers(cx: &Cx, out: &mut Batch) -> Result<(), CollectError> {
    let elb = client!(aws_sdk_elasticloadbalancingv2, ELB_V2, cx);
    let mut pages = pages!(cx, elb.describe_load_balancers(), next_marker);
    while let Some(page) = pages.next().await? {
        let listed = page.load_balancers.unwrap_or_default();
        let arns = listed.iter().filter_map(|it| it.load_balancer_arn.clone()).collect();
        let tags = tags_by_arn(cx, &elb, arns).await?;
        let details = |listed: Listed| async {
            let arn = listed.load_balancer_arn.clone().unwrap_or_default();
            let details = details(cx, &elb, &arn).await?;
            Ok::<_, CollectError>((listed, details))
        };
        let mut found = Vec::new();
        for detailed in cx.concurrently(listed, details).await {
            let (listed, details) = detailed?;
            let tags = tags.of(listed.load_balancer_arn.as_deref().unwrap_or_default());
            let Some(balanced) = load_balancer(cx, out, listed, &details.attributes, &tags) else {
                continue;
            };
            match details.listeners {
                Detail::Known(listed) => {
                    found.extend(listed.unwrap_or_default().into_iter().map(|it| (balanced.clone(), it)));
                }
                // Which listeners it has is not known, so none may be taken for deleted.
                Detail::Unknown(error) => out.incomplete(&error),
            }
        }
        listeners(cx, out, &elb, found).await?;
    }
    Ok(())
}

async fn details(cx: &Cx, elb: &Client, arn: &str) -> Result<Details, CollectError> {
    let attributes = detail(elb.describe_load_balancer_attributes().load_balancer_arn(arn).send().await)?;
    let attributes = attributes.map(|it| {
        let listed = it?.attributes.unwrap_or_default().into_iter();
        Some(listed.filter_map(|it| Some((it.key?, it.value?))).collect())
    });
    let pages = pages!(cx, elb.describe_listeners().load_balancer_arn(arn), next_marker);
    let listeners = detail_pages(pages.all(|it| it.listeners).await)?;
    Ok(Details { attributes, listeners })
}

/// What was made of it, unless it was deleted since it was listed.
fn load_balancer(
    cx: &Cx,
    out: &mut Batch,
    listed: Listed,
    attributes: &Detail<Option<Attributes>>,
    tags: &Detail<Pairs>,
) -> Option<Balanced> {
    let (Some(arn), Some(name)) = (listed.load_balancer_arn.clone(), listed.load_balancer_name.clone())
    else {
        out.skip(None, "a load balancer without an ARN or a name");
        return None;
    };
    let Some(kind) = listed.r#type.clone() else {
        out.skip(Some(arn.into()), "a load balancer without a type");
        return None;
    };
    if matches!(attributes, Detail::Known(None)) {
        return None;
    }
    let settings = attributes.known().and_then(Option::as_ref);
    let flag = |setting: &str| settings.and_then(|it| it.get(setting)).map(|it| it == "true");
    let common = common(&name, &kind, listed, flag);
    let (groups, dns_name) = (common.security_group_ids.clone(), common.dns_name.clone());

    let (balancer, added) = match &kind {
        LoadBalancerTypeEnum::Application => {
            let drop_invalid_headers = flag("routing.http.drop_invalid_header_fields.enabled");
            let mode = settings.and_then(|it| it.get("routing.http.desync_mitigation_mode"));
            let desync_mitigation_mode = mode.cloned();
            let shape = ApplicationLoadBalancer { common, drop_invalid_headers, desync_mitigation_mode };
            (AWS_ALB.at(&arn), out.add(&arn, &name, &shape))
        }
        LoadBalancerTypeEnum::Network => {
            (AWS_NLB.at(&arn), out.add(&arn, &name, &NetworkLoadBalancer { common }))
        }
        _ => (AWS_LB.at(&arn), out.add(&arn, &name, &OtherLoadBalancer { common })),
    };
    added
        .tags(tags.known().cloned().unwrap_or_default())
        .web_link(
            cx.console(format_args!("ec2/home?region={}#LoadBalancer:loadBalancerArn={arn}", cx.region())),
        )
        .unknown(attributes, settings_of(&kind))
        .unknown(tags, &["tags"]);
    link_groups(cx, out, &balancer, &groups);
    Some(Balanced { balancer, dns_name, has_rules: kind != LoadBalancerTypeEnum::Gateway })
}

/// The properties that are settings.
fn settings_of(kind: &LoadBalancerTypeEnum) -> &'static [&'static str] {
    match kind {
        LoadBalancerTypeEnum::Application => {
            &["loggingEnabled", "deletionProtection", "dropInvalidHeaders", "desyncMitigationMode"]
        }
        _ => &["loggingEnabled", "deletionProtection"],
    }
}

fn common(
    name: &str,
    kind: &LoadBalancerTypeEnum,
    listed: Listed,
    flag: impl Fn(&str) -> Option<bool>,
) -> LoadBalancer {
    let scheme = listed.scheme.map(|it| it.as_str().to_owned());
    let state = listed.state.and_then(|it| it.code).map(|it| it.as_str().to_owned());
    let zones = listed.availability_zones.unwrap_or_default();
    let dns_name = listed.dns_name.filter(|it| !it.is_empty());
    LoadBalancer {
        id: name.to_owned(),
        category: [if *kind == LoadBalancerTypeEnum::Application { "application" } else { "network" }],
        function: ["load-balancing"],
        public: scheme.as_deref() == Some("internet-facing"),
        scheme,
        dualstack_dns_name: dualstack(dns_name.as_deref()),
        dns_name,
        active: state.as_deref().map(|it| matches!(it, "active" | "active_impaired")),
        state,
        vpc_id: listed.vpc_id,
        subnet_ids: sorted(zones.iter().filter_map(|it| it.subnet_id.clone())),
        security_group_ids: sorted(listed.security_groups.unwrap_or_default()),
        availability_zones: sorted(zones.into_iter().filter_map(|it| it.zone_name)),
        logging_enabled: flag("access_logs.s3.enabled"),
        deletion_protection: flag("deletion_protection.enabled"),
        created_on: listed.created_time.as_ref().and_then(millis),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use orgraph_collect::Facts;
    use orgraph_collect::replay::{self, Fixtures, error_answer};
    use orgraph_collect::run::run;
    use orgraph_model::Status;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn one_that_was_deleted_meanwhile_leaves_the_others_their_tags() {
        let fixtures = Fixtures::new(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures"));
        let session = replay::session(move |asked| {
            if asked.operation == "DescribeTags" && asked.request.contains("loadbalancer%2Fgwy") {
                error_answer(asked.service, 400, "LoadBalancerNotFound", "no")
            } else {
                fixtures.answer(asked)
            }
        })
        .await;
        let region = replay::REGION.parse().unwrap();
        let facts = Arc::new(Facts::default());

        let snapshot = run(&LOAD_BALANCERS, &session, &region, &facts, chrono::DateTime::UNIX_EPOCH).await;

        assert_eq!(snapshot.outcome.status, Status::Complete, "{:?}", snapshot.gaps);
        let tagged = |entity_type: EntityType| {
            let found = snapshot.entities.iter().find(|it| it.entity_type == entity_type);
            found.unwrap().tags.get("Name").cloned()
        };
        assert_eq!(tagged(AWS_NLB), Some("Ingest".into()));
        assert_eq!(tagged(AWS_LB), None);
    }
}
