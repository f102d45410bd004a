//! EC2 Auto Scaling.

use aws_sdk_autoscaling::types::{AutoScalingGroup, LaunchTemplateSpecification};
use orgraph_collect::prelude::*;

pub(crate) static GROUPS: Collector = Collector {
    name: "autoscaling_groups",
    service: Service::AUTO_SCALING,
    scope: Scope::Region,
    calls: &[call("DescribeAutoScalingGroups")],
    entities: &[entity::<Group>()],
    relationships: &[
        rel(AWS_AUTOSCALING, Has, AWS_AUTOSCALING_GROUP),
        rel(AWS_AUTOSCALING_GROUP, Has, AWS_INSTANCE),
    ],
    collect: |cx, out| Box::pin(groups(cx, out)),
};

/// A group of instances that AWS keeps at a size.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Group {
    /// The group's name.
    id: String,
    /// The fewest instances it may have.
    min_size: Option<i32>,
    /// The most instances it may have.
    max_size: Option<i32>,
    /// How many instances it is to have now.
    desired_size: Option<i32>,
    /// How many instances it has.
    current_size: usize,
    /// The launch configuration of its instances; `null` where a template is used.
    launch_configuration_name: Option<String>,
    /// The launch template of its instances; `null` where a launch configuration is used.
    launch_template_id: Option<String>,
    /// The version of that template: a number, `$Latest` or `$Default`.
    launch_template_version: Option<String>,
    /// The subnets that it starts instances in.
    subnet_ids: Vec<String>,
    /// The ARNs of the target groups that its instances join.
    target_group_arns: Vec<String>,
    /// The classic load balancers that its instances join.
    load_balancer_names: Vec<String>,
    /// Who says that an instance is well: `EC2`, `ELB` and so on.
    health_check_type: Option<String>,
    /// What is happening to the group while it is deleted, else `null`.
    status: Option<String>,
    /// When it was made, in milliseconds since the epoch.
    created_on: Option<i64>,
}

impl Entity for Group {
    const TYPE: EntityType = AWS_AUTOSCALING_GROUP;
}

async fn groups(cx: &Cx, out: &mut Batch) -> Result<(), CollectError> {
    let autoscaling = client!(aws_sdk_autoscaling, AUTO_SCALING, cx);
    let mut pages = pages!(cx, autoscaling.describe_auto_scaling_groups().max_records(100), next_token);
    while let Some(page) = pages.next().await? {
        for listed in page.auto_scaling_groups.unwrap_or_default() {
            group(cx, out, listed);
        }
    }
    Ok(())
}

fn group(cx: &Cx, out: &mut Batch, listed: AutoScalingGroup) {
    let template = template(&listed).cloned();
    let (Some(arn), Some(name)) = (listed.auto_scaling_group_arn, listed.auto_scaling_group_name) else {
        return out.skip(None, "an Auto Scaling group without an ARN or a name");
    };
    let instances = listed.instances.unwrap_or_default();
    let subnets = listed.vpc_zone_identifier.unwrap_or_default();
    let page = format!(
        "ec2/home?region={}#AutoScalingGroupDetails:id={};view=details",
        cx.region(),
        url_encoded(&name)
    );

    out.add(
        &arn,
        &name,
        &Group {
            id: name.clone(),
            min_size: listed.min_size,
            max_size: listed.max_size,
            desired_size: listed.desired_capacity,
            current_size: instances.len(),
            launch_configuration_name: listed.launch_configuration_name,
            launch_template_id: template.as_ref().and_then(|it| it.launch_template_id.clone()),
            launch_template_version: template.and_then(|it| it.version),
            subnet_ids: subnets
                .split(',')
                .map(|it| it.trim().to_owned())
                .filter(|it| !it.is_empty())
                .collect(),
            target_group_arns: listed.target_group_arns.unwrap_or_default(),
            load_balancer_names: listed.load_balancer_names.unwrap_or_default(),
            health_check_type: listed.health_check_type,
            status: listed.status,
            created_on: listed.created_time.as_ref().and_then(millis),
        },
    )
    .tags(tags(listed.tags.unwrap_or_default().into_iter().map(|it| (it.key, it.value))))
    .web_link(cx.console(page));

    for id in instances.into_iter().filter_map(|it| it.instance_id) {
        let instance = AWS_INSTANCE.at(cx.arn("ec2", format_args!("instance/{id}")));
        out.link(AWS_AUTOSCALING_GROUP.at(&arn), Has, instance);
    }
}

/// The launch template, which a group of mixed instances has one level deeper.
fn template(listed: &AutoScalingGroup) -> Option<&LaunchTemplateSpecification> {
    let mixed = listed.mixed_instances_policy().and_then(|it| it.launch_template());
    listed.launch_template().or_else(|| mixed.and_then(|it| it.launch_template_specification()))
}
