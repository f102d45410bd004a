//! Elastic Load Balancing: classic load balancers.

use std::collections::HashMap;

use aws_sdk_elasticloadbalancing::Client;
use aws_sdk_elasticloadbalancing::types::{
    Listener, ListenerDescription, LoadBalancerAttributes as Attributes, LoadBalancerDescription as Listed,
};
use orgraph_collect::prelude::*;

use crate::load_balancing::{Pairs, TagsByName, dualstack, link_groups, server_certificate, sorted, tags_of};

pub(crate) static CLASSIC_LOAD_BALANCERS: Collector = Collector {
    name: "elb_load_balancers",
    service: Service::ELB,
    scope: Scope::Region,
    calls: &[call("DescribeLoadBalancers"), call("DescribeLoadBalancerAttributes"), call("DescribeTags")],
    entities: &[entity::<LoadBalancer>()],
    relationships: &[
        rel(AWS_ELASTICLOADBALANCING, Has, AWS_ELB),
        rel(AWS_ELB, Has, AWS_SECURITY_GROUP),
        rel(AWS_SECURITY_GROUP, Protects, AWS_ELB),
        rel(AWS_ELB, Connects, AWS_INSTANCE),
        rel(AWS_ELB, Uses, AWS_IAM_SERVER_CERTIFICATE),
    ],
    collect: |cx, out| Box::pin(load_balancers(cx, out)),
};

/// A classic load balancer.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct LoadBalancer {
    /// The load balancer's name.
    id: String,
    /// At which levels it works: always `network` and `application`.
    category: [&'static str; 2],
    /// What it does: always `load-balancing`.
    function: [&'static str; 1],
    /// Whether it faces the internet.
    public: bool,
    /// `internet-facing` or `internal`.
    scheme: Option<String>,
    /// The host name that clients call.
    dns_name: Option<String>,
    /// The host name by which aliases in Route 53 refer to it.
    dualstack_dns_name: Option<String>,
    /// The VPC it is in.
    vpc_id: Option<String>,
    /// The subnets it has addresses in.
    subnet_ids: Vec<String>,
    /// The security groups that filter what reaches it.
    security_group_ids: Vec<String>,
    /// The instances that it passes traffic on to.
    instance_ids: Vec<String>,
    /// What it answers on and where that goes, such as `HTTPS:443 -> HTTP:8080`.
    listeners: Vec<String>,
    /// The availability zones it passes traffic on to.
    availability_zones: Vec<String>,
    /// Whether access is logged to a bucket.
    logging_enabled: Option<bool>,
    /// What is done with requests that may be read in two ways: `monitor`, `defensive` or `strictest`.
    desync_mitigation_mode: Option<String>,
    /// Whether requests under way are finished when an instance is taken out.
    connection_draining_enabled: Option<bool>,
    /// Whether each of its nodes passes traffic on to instances in all its zones.
    cross_zone_enabled: Option<bool>,
    /// When it was created, in milliseconds since the epoch.
    created_on: Option<i64>,
}

impl Entity for LoadBalancer {
    const TYPE: EntityType = AWS_ELB;
}

async fn load_balancers(cx: &Cx, out: &mut Batch) -> Result<(), CollectError> {
    let elb = client!(aws_sdk_elasticloadbalancing, ELB, cx);
    let mut pages = pages!(cx, elb.describe_load_balancers(), next_marker);
    while let Some(page) = pages.next().await? {
        let listed = page.load_balancer_descriptions.unwrap_or_default();
        let names = listed.iter().filter_map(|it| it.load_balancer_name.clone()).collect();
        let tags = tags_by_name(cx, &elb, names).await?;
        let attributes = |listed: Listed| async {
            let name = listed.load_balancer_name.as_deref().unwrap_or_default();
            let answer = elb.describe_load_balancer_attributes().load_balancer_name(name).send().await;
            let attributes = detail(answer)?.map(|it| it.and_then(|it| it.load_balancer_attributes));
            Ok::<_, CollectError>((listed, attributes))
        };
        for detailed in cx.concurrently(listed, attributes).await {
            let (listed, attributes) = detailed?;
            let tags = tags.of(listed.load_balancer_name.as_deref().unwrap_or_default());
            load_balancer(cx, out, listed, &attributes, &tags);
        }
    }
    Ok(())
}

async fn tags_by_name(cx: &Cx, elb: &Client, names: Vec<String>) -> Result<TagsByName, CollectError> {
    tags_of(cx, names, |names| async {
        let answer = detail(elb.describe_tags().set_load_balancer_names(Some(names)).send().await)?;
        Ok(answer.map(|it| {
            let described = it?.tag_descriptions.unwrap_or_default().into_iter();
            let by_name = described.filter_map(|it| {
                let pairs = it.tags.unwrap_or_default().into_iter().map(|it| (Some(it.key), it.value));
                Some((it.load_balancer_name?, tags(pairs)))
            });
            Some(by_name.collect::<HashMap<String, Pairs>>())
        }))
    })
    .await
}

fn load_balancer(
    cx: &Cx,
    out: &mut Batch,
    listed: Listed,
    attributes: &Detail<Option<Attributes>>,
    tags: &Detail<Pairs>,
) {
    let Some(name) = listed.load_balancer_name.clone() else {
        return out.skip(None, "a classic load balancer without a name");
    };
    // It was deleted since it was listed.
    if matches!(attributes, Detail::Known(None)) {
        return;
    }
    let balancer = AWS_ELB.at(cx.arn("elasticloadbalancing", format_args!("loadbalancer/{name}")));
    for listener in listed.listener_descriptions().iter().filter_map(ListenerDescription::listener) {
        if let Some(certificate) = listener.ssl_certificate_id().and_then(server_certificate) {
            out.link(balancer.clone(), Uses, certificate);
        }
    }
    let shape = shape(&name, listed, attributes.known().and_then(Option::as_ref));
    link_groups(cx, out, &balancer, &shape.security_group_ids);
    for id in &shape.instance_ids {
        let instance = AWS_INSTANCE.at(cx.arn("ec2", format_args!("instance/{id}")));
        out.link(balancer.clone(), Connects, instance);
    }
    out.add(balancer.key, &name, &shape)
        .tags(tags.known().cloned().unwrap_or_default())
        .web_link(cx.console(format_args!("ec2/home?region={}#LoadBalancers:search={name}", cx.region())))
        .unknown(
            attributes,
            &["loggingEnabled", "desyncMitigationMode", "connectionDrainingEnabled", "crossZoneEnabled"],
        )
        .unknown(tags, &["tags"]);
}

fn shape(name: &str, listed: Listed, attributes: Option<&Attributes>) -> LoadBalancer {
    let described = listed.listener_descriptions.unwrap_or_default();
    let instances = listed.instances.unwrap_or_default();
    let dns_name = listed.dns_name.filter(|it| !it.is_empty());
    let desync_mitigation_mode = attributes
        .into_iter()
        .flat_map(Attributes::additional_attributes)
        .find(|it| it.key() == Some("elb.http.desyncmitigationmode"))
        .and_then(|it| it.value.clone());
    LoadBalancer {
        id: name.to_owned(),
        category: ["network", "application"],
        function: ["load-balancing"],
        public: listed.scheme.as_deref() == Some("internet-facing"),
        scheme: listed.scheme,
        dualstack_dns_name: dualstack(dns_name.as_deref()),
        dns_name,
        vpc_id: listed.vpc_id.filter(|it| !it.is_empty()),
        subnet_ids: sorted(listed.subnets.unwrap_or_default()),
        security_group_ids: sorted(listed.security_groups.unwrap_or_default()),
        instance_ids: sorted(instances.into_iter().filter_map(|it| it.instance_id)),
        listeners: sorted(described.iter().filter_map(ListenerDescription::listener).map(way)),
        availability_zones: sorted(listed.availability_zones.unwrap_or_default()),
        logging_enabled: attributes.and_then(Attributes::access_log).map(|it| it.enabled),
        desync_mitigation_mode,
        connection_draining_enabled: attributes
            .and_then(Attributes::connection_draining)
            .map(|it| it.enabled),
        cross_zone_enabled: attributes.and_then(Attributes::cross_zone_load_balancing).map(|it| it.enabled),
        created_on: listed.created_time.as_ref().and_then(millis),
    }
}

fn way(listener: &Listener) -> String {
    let instance_protocol = listener.instance_protocol().unwrap_or(&listener.protocol);
    format!(
        "{}:{} -> {instance_protocol}:{}",
        listener.protocol, listener.load_balancer_port, listener.instance_port
    )
}
