//! Target groups: what load balancers pass traffic on to.

use aws_sdk_elasticloadbalancingv2::types::{
    TargetDescription, TargetGroup as Listed, TargetHealth, TargetHealthDescription, TargetHealthStateEnum,
    TargetTypeEnum,
};
use orgraph_collect::prelude::*;
use serde_json::Value;

use super::{load_balancer, tags_by_arn};
use crate::lambda;
use crate::load_balancing::{Pairs, sorted};

pub(crate) static TARGET_GROUPS: Collector = Collector {
    name: "elbv2_target_groups",
    service: Service::ELB_V2,
    scope: Scope::Region,
    calls: &[call("DescribeTargetGroups"), call("DescribeTargetHealth"), call("DescribeTags")],
    entities: &[entity::<TargetGroup>()],
    relationships: &[
        rel(AWS_ELASTICLOADBALANCING, Has, AWS_LB_TARGET_GROUP),
        rel(AWS_ALB, Connects, AWS_LB_TARGET_GROUP),
        rel(AWS_NLB, Connects, AWS_LB_TARGET_GROUP),
        rel(AWS_LB, Connects, AWS_LB_TARGET_GROUP),
        rel(AWS_LB_TARGET_GROUP, Has, AWS_INSTANCE),
        rel(AWS_LB_TARGET_GROUP, Has, AWS_LAMBDA_FUNCTION),
        rel(AWS_LB_TARGET_GROUP, Has, AWS_ENI),
        rel(AWS_LB_TARGET_GROUP, Has, AWS_EIP),
        rel(AWS_LB_TARGET_GROUP, Has, AWS_ALB),
    ],
    collect: |cx, out| Box::pin(target_groups(cx, out)),
};

/// A group of targets that load balancers pass traffic on to.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct TargetGroup {
    /// The target group's name.
    id: String,
    /// How targets are spoken to, such as `HTTP` or `TCP`; `null` for a Lambda function.
    protocol: Option<String>,
    /// The port of the targets, where a target does not name its own.
    port: Option<i32>,
    /// What the targets are: `instance`, `ip`, `lambda` or `alb`.
    target_type: Option<String>,
    /// The VPC of the targets; `null` for a Lambda function.
    vpc_id: Option<String>,
    /// Whether the health of the targets is checked.
    health_check_enabled: Option<bool>,
    /// The path that is asked for to learn the health.
    health_check_path: Option<String>,
    /// The protocol by which the health is learned.
    health_check_protocol: Option<String>,
    /// The load balancers that use it.
    load_balancer_arns: Vec<String>,
    /// How many targets are registered.
    target_count: Option<usize>,
    /// How many of them are healthy.
    healthy_target_count: Option<usize>,
}

impl Entity for TargetGroup {
    const TYPE: EntityType = AWS_LB_TARGET_GROUP;
    const VOLATILE: &'static [&'static str] = &["targetCount", "healthyTargetCount"];
}

type Targets = Detail<Option<Vec<TargetHealthDescription>>>;

async fn target_groups(cx: &Cx, out: &mut Batch) -> Result<(), CollectError> {
    let elb = client!(aws_sdk_elasticloadbalancingv2, ELB_V2, cx);
    let mut pages = pages!(cx, elb.describe_target_groups(), next_marker);
    while let Some(page) = pages.next().await? {
        let listed = page.target_groups.unwrap_or_default();
        let arns = listed.iter().filter_map(|it| it.target_group_arn.clone()).collect();
        let tags = tags_by_arn(cx, &elb, arns).await?;
        let targets = |listed: Listed| async {
            let arn = listed.target_group_arn.as_deref().unwrap_or_default();
            let targets = detail(elb.describe_target_health().target_group_arn(arn).send().await)?;
            let targets: Targets = targets.map(|it| Some(it?.target_health_descriptions.unwrap_or_default()));
            Ok::<_, CollectError>((listed, targets))
        };
        for detailed in cx.concurrently(listed, targets).await {
            let (listed, targets) = detailed?;
            let tags = tags.of(listed.target_group_arn.as_deref().unwrap_or_default());
            target_group(cx, out, listed, &targets, &tags);
        }
    }
    Ok(())
}

fn target_group(cx: &Cx, out: &mut Batch, listed: Listed, targets: &Targets, tags: &Detail<Pairs>) {
    let (Some(arn), Some(name)) = (listed.target_group_arn.clone(), listed.target_group_name.clone()) else {
        return out.skip(None, "a target group without an ARN or a name");
    };
    // It was deleted since it was listed.
    if matches!(targets, Detail::Known(None)) {
        return;
    }
    let found = targets.known().and_then(Option::as_ref);
    let group = AWS_LB_TARGET_GROUP.at(&arn);
    let load_balancer_arns = sorted(listed.load_balancer_arns().iter().cloned());
    for balancer in &load_balancer_arns {
        out.link(load_balancer(balancer), Connects, group.clone());
    }
    for described in found.into_iter().flatten() {
        target(cx, out, &group, &listed, described);
    }
    out.add(
        &arn,
        &name,
        &TargetGroup {
            id: name.clone(),
            protocol: listed.protocol.map(|it| it.as_str().to_owned()),
            port: listed.port,
            target_type: listed.target_type.map(|it| it.as_str().to_owned()),
            vpc_id: listed.vpc_id,
            health_check_enabled: listed.health_check_enabled,
            health_check_path: listed.health_check_path,
            health_check_protocol: listed.health_check_protocol.map(|it| it.as_str().to_owned()),
            load_balancer_arns,
            target_count: found.map(Vec::len),
            healthy_target_count: found.map(|it| it.iter().filter(|it| is_healthy(it)).count()),
        },
    )
    .tags(tags.known().cloned().unwrap_or_default())
    .web_link(cx.console(format_args!("ec2/home?region={}#TargetGroup:targetGroupArn={arn}", cx.region())))
    .unknown(targets, &["targetCount", "healthyTargetCount"])
    .unknown(tags, &["tags"]);
}

fn is_healthy(described: &TargetHealthDescription) -> bool {
    state(described) == Some(&TargetHealthStateEnum::Healthy)
}

fn state(described: &TargetHealthDescription) -> Option<&TargetHealthStateEnum> {
    described.target_health().and_then(TargetHealth::state)
}

fn target(cx: &Cx, out: &mut Batch, group: &Ref, listed: &Listed, described: &TargetHealthDescription) {
    let Some((target, id)) = described.target().and_then(|it| Some((it, it.id()?))) else {
        return;
    };
    let known = match listed.target_type() {
        Some(TargetTypeEnum::Instance) => AWS_INSTANCE.at(cx.arn("ec2", format_args!("instance/{id}"))),
        Some(TargetTypeEnum::Alb) => AWS_ALB.at(id),
        Some(TargetTypeEnum::Lambda) => match lambda::function(id) {
            Some(function) => function,
            None => return,
        },
        Some(TargetTypeEnum::Ip) => {
            let vpc_id = listed.vpc_id().unwrap_or_default();
            return address(out, group, vpc_id, target, id, described);
        }
        _ => return,
    };
    let mut link = out.link(group.clone(), Has, known);
    for (name, value) in facts(target, described) {
        link = link.property(name, value);
    }
    // The same target may be registered with several ports.
    if let Some(port) = target.port() {
        link.discriminator(port.to_string());
    }
}

fn facts(target: &TargetDescription, described: &TargetHealthDescription) -> [(&'static str, Value); 3] {
    [
        ("port", target.port().into()),
        ("health", state(described).map(TargetHealthStateEnum::as_str).into()),
        ("availabilityZone", target.availability_zone().into()),
    ]
}

/// An address is that of an interface in the VPC, and of an elastic IP address where the interface has one; AWS does
/// not say in which VPC that is. The zone `all` marks an address outside of the VPC.
fn address(
    out: &mut Batch,
    group: &Ref,
    vpc_id: &str,
    target: &TargetDescription,
    id: &str,
    described: &TargetHealthDescription,
) {
    if target.availability_zone() == Some("all") {
        return;
    }
    let facts = || facts(target, described).map(|(name, value)| (name.to_owned(), value));
    let interface = out.find(group.clone(), Has, AWS_ENI, "ipAddress", id).and("vpcId", vpc_id);
    interface.properties.extend(facts());
    out.find(group.clone(), Has, AWS_EIP, "privateIpAddress", id).properties.extend(facts());
}
