//! Services: what keeps a number of tasks running.

use std::collections::BTreeSet;

use aws_sdk_ecs::Client;
use aws_sdk_ecs::types::{
    AssignPublicIp, AwsVpcConfiguration, Deployment, NetworkConfiguration, Service as Listed, ServiceField,
};
use orgraph_collect::prelude::*;

use super::{tag_pairs, whole};

/// How many services one page may name; ECS gives ten unless asked for more.
const PAGE_SIZE: i32 = 100;

/// How many services can be described at once.
const BATCH_SIZE: usize = 10;

/// A service, which keeps a number of tasks running in a cluster.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Service {
    /// The service's name.
    id: String,
    /// Always `platform`.
    category: [&'static str; 1],
    /// Always `container-orchestration`.
    function: [&'static str; 1],
    /// `ACTIVE`, `DRAINING` or `INACTIVE`.
    status: Option<String>,
    /// Whether it keeps its tasks running.
    active: Option<bool>,
    /// The cluster that it runs in.
    cluster_arn: String,
    /// What its tasks are made from; `null` where its task sets say it each.
    task_definition_arn: Option<String>,
    /// `EC2`, `FARGATE` or `EXTERNAL`; `null` where a capacity provider decides.
    launch_type: Option<String>,
    /// How many tasks shall run.
    desired_count: i32,
    /// How many tasks run.
    running_count: i32,
    /// The IDs of its deployments, which are in `startedBy` of their tasks.
    deployments: Vec<String>,
    /// `REPLICA` or `DAEMON`.
    scheduling_strategy: Option<String>,
    /// The role by which it registers tasks with a load balancer; `null` where it needs none.
    role_arn: Option<String>,
    /// When it was created, in milliseconds since the epoch.
    created_on: Option<i64>,
    /// Whether its tasks get public addresses; `null` for tasks without network interfaces of their own.
    assign_public_ip: Option<bool>,
    /// The version of Fargate that it asks for, such as `LATEST`; `null` elsewhere.
    platform_version: Option<String>,
}

impl Entity for Service {
    const TYPE: EntityType = AWS_ECS_SERVICE;
    const VOLATILE: &'static [&'static str] = &["runningCount"];
}

pub(super) async fn services(cx: &Cx, ecs: &Client, cluster: &str) -> Result<Vec<Listed>, CollectError> {
    let mut described = Vec::new();
    let request = ecs.list_services().cluster(cluster).max_results(PAGE_SIZE);
    let mut pages = pages!(cx, request, next_token);
    while let Some(page) = pages.next().await? {
        for arns in page.service_arns.unwrap_or_default().chunks(BATCH_SIZE) {
            let request = ecs.describe_services().cluster(cluster).set_services(Some(arns.to_vec()));
            let answer = request.include(ServiceField::Tags).send().await?;
            whole("DescribeServices", answer.failures())?;
            described.extend(answer.services.unwrap_or_default().into_iter().map(|mut it| {
                // A hundred sentences each, for which there is no property.
                it.events = None;
                it
            }));
        }
    }
    Ok(described)
}

/// What a service's tasks are made from: the definition that it asks for and those still being replaced.
pub(super) fn definitions(listed: &Listed) -> BTreeSet<&str> {
    let deployed = listed.deployments().iter().filter_map(Deployment::task_definition);
    let definitions = listed.task_definition().into_iter().chain(deployed);
    definitions.filter(|it| it.starts_with("arn:")).collect()
}

pub(super) fn service(cx: &Cx, out: &mut Batch, cluster: &str, listed: &Listed) {
    let (Some(arn), Some(name)) = (listed.service_arn(), listed.service_name()) else {
        return out.skip(None, "a service without an ARN or a name");
    };
    let this = AWS_ECS_SERVICE.at(arn);
    let network = listed.network_configuration().and_then(NetworkConfiguration::awsvpc_configuration);

    out.add(
        arn,
        name,
        &Service {
            id: name.to_owned(),
            category: ["platform"],
            function: ["container-orchestration"],
            status: listed.status.clone(),
            active: listed.status().map(|it| it == "ACTIVE"),
            cluster_arn: cluster.to_owned(),
            task_definition_arn: listed.task_definition.clone(),
            launch_type: listed.launch_type().map(|it| it.as_str().to_owned()),
            desired_count: listed.desired_count,
            running_count: listed.running_count,
            deployments: listed.deployments().iter().filter_map(|it| it.id.clone()).collect(),
            scheduling_strategy: listed.scheduling_strategy().map(|it| it.as_str().to_owned()),
            role_arn: listed.role_arn.clone(),
            created_on: listed.created_at().and_then(millis),
            // AWS leaves it out where it is disabled by default.
            assign_public_ip: network.map(|it| it.assign_public_ip() == Some(&AssignPublicIp::Enabled)),
            platform_version: listed.platform_version.clone(),
        },
    )
    .tags(tag_pairs(listed.tags.clone()))
    .web_link(cx.console(format_args!(
        "ecs/v2/clusters/{}/services/{name}/health?region={}",
        last_segment(cluster),
        cx.region()
    )));

    out.link(AWS_ECS_CLUSTER.at(cluster), Has, this.clone());
    for definition in definitions(listed) {
        out.link(AWS_ECS_TASK_DEFINITION.at(definition), Defines, this.clone());
    }
    for group in network.map(AwsVpcConfiguration::security_groups).unwrap_or_default() {
        let group = AWS_SECURITY_GROUP.at(cx.arn("ec2", format_args!("security-group/{group}")));
        out.link(group, Protects, this.clone());
    }
}
