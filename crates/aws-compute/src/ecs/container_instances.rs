//! Container instances: the machines of a cluster that its owner brings.

use aws_sdk_ecs::Client;
use aws_sdk_ecs::types::{ContainerInstance as Listed, ContainerInstanceField};
use orgraph_collect::prelude::*;

use super::{BATCH_SIZE, tag_pairs, whole};

/// A machine that is registered with a cluster, in EC2 or elsewhere.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ContainerInstance {
    /// The ID within the cluster.
    id: String,
    /// The ID of the machine, as `ec2InstanceId`.
    hostname: Option<String>,
    /// The ID of the EC2 instance, or `mi-…` for a machine outside of EC2.
    ec2_instance_id: Option<String>,
    /// The cluster that it is registered with.
    cluster_arn: String,
    /// `ACTIVE`, `DRAINING`, `REGISTERING`, `DEREGISTERING` or `REGISTRATION_FAILED`.
    status: Option<String>,
    /// Whether it takes tasks.
    active: Option<bool>,
    /// Whether its agent is connected to ECS.
    agent_connected: bool,
    /// The version of its agent.
    agent_version: Option<String>,
    /// The version of Docker on it.
    docker_version: Option<String>,
    /// How many tasks run on it.
    running_tasks_count: i32,
    /// How many tasks are about to run on it.
    pending_tasks_count: i32,
    /// When it was registered, in milliseconds since the epoch.
    created_on: Option<i64>,
}

impl Entity for ContainerInstance {
    const TYPE: EntityType = AWS_ECS_CONTAINER_INSTANCE;
    const VOLATILE: &'static [&'static str] = &["runningTasksCount", "pendingTasksCount"];
}

pub(super) async fn container_instances(
    cx: &Cx,
    ecs: &Client,
    cluster: &str,
) -> Result<Vec<Listed>, CollectError> {
    let mut described = Vec::new();
    let mut pages = pages!(cx, ecs.list_container_instances().cluster(cluster), next_token);
    while let Some(page) = pages.next().await? {
        for arns in page.container_instance_arns.unwrap_or_default().chunks(BATCH_SIZE) {
            let request = ecs.describe_container_instances().cluster(cluster);
            let request = request.set_container_instances(Some(arns.to_vec()));
            let answer = request.include(ContainerInstanceField::Tags).send().await?;
            whole("DescribeContainerInstances", answer.failures())?;
            described.extend(answer.container_instances.unwrap_or_default());
        }
    }
    Ok(described)
}

pub(super) fn container_instance(cx: &Cx, out: &mut Batch, cluster: &str, listed: Listed) {
    let Some(arn) = listed.container_instance_arn else {
        return out.skip(None, "a container instance without an ARN");
    };
    let this = AWS_ECS_CONTAINER_INSTANCE.at(&arn);
    let id = last_segment(&arn);
    let machine = listed.ec2_instance_id;
    let versions = listed.version_info;

    out.add(
        &arn,
        id,
        &ContainerInstance {
            id: id.to_owned(),
            hostname: machine.clone(),
            ec2_instance_id: machine.clone(),
            cluster_arn: cluster.to_owned(),
            active: listed.status.as_deref().map(|it| it == "ACTIVE"),
            status: listed.status,
            agent_connected: listed.agent_connected,
            agent_version: versions.as_ref().and_then(|it| it.agent_version.clone()),
            docker_version: versions
                .and_then(|it| it.docker_version)
                .map(|it| it.replacen("DockerVersion: ", "", 1)),
            running_tasks_count: listed.running_tasks_count,
            pending_tasks_count: listed.pending_tasks_count,
            created_on: listed.registered_at.as_ref().and_then(millis),
        },
    )
    .tags(tag_pairs(listed.tags))
    .web_link(cx.console(format_args!(
        "ecs/v2/clusters/{}/infrastructure/container-instances/{id}?region={}",
        last_segment(cluster),
        cx.region()
    )));

    out.link(AWS_ECS_CLUSTER.at(cluster), Has, this.clone());
    if let Some(machine) = machine.filter(|it| it.starts_with("i-")) {
        let machine = AWS_INSTANCE.at(cx.arn("ec2", format_args!("instance/{machine}")));
        out.link(machine, Runs, this);
    }
}
