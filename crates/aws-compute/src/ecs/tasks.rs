//! Tasks: containers that run together.

use std::collections::HashMap;

use aws_sdk_ecs::Client;
use aws_sdk_ecs::types::{Container, Deployment, Service as ListedService, Task as Listed, TaskField};
use orgraph_collect::prelude::*;

use super::{BATCH_SIZE, number, tag_pairs, whole};

/// A task that runs or is about to: its settings, never its overrides. Stopped tasks are left out, though AWS keeps them
/// for an hour.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "fields are named as the properties are")]
pub(super) struct Task {
    /// The ID within the cluster.
    id: String,
    /// What ECS brings it to: `RUNNING` or `STOPPED`.
    state: Option<String>,
    /// Where it is: `PROVISIONING`, `PENDING`, `ACTIVATING`, `RUNNING`, `DEACTIVATING` and so on.
    status: Option<String>,
    /// Whether it runs.
    active: Option<bool>,
    /// The cluster that it runs in.
    cluster_arn: String,
    /// What it was made from.
    task_definition_arn: Option<String>,
    /// The container instance that it runs on; `null` on Fargate.
    container_instance_arn: Option<String>,
    /// `EC2`, `FARGATE` or `EXTERNAL`.
    launch_type: Option<String>,
    /// Who started it: the ID of a service's deployment, or what the caller said.
    started_by: Option<String>,
    /// The group that it belongs to, such as `service:orders`.
    group: Option<String>,
    /// The private IPv4 address of its network interface; `null` where it has none of its own.
    private_ip_address: Option<String>,
    /// Its CPU units, of which 1024 are a vCPU; `null` where only its containers have a limit.
    cpu: Option<i64>,
    /// Its memory, in MiB; `null` where only its containers have a limit.
    memory: Option<i64>,
    /// When it was asked for, in milliseconds since the epoch.
    created_on: Option<i64>,
    /// When it began to run, in milliseconds since the epoch; `null` before.
    started_on: Option<i64>,
}

impl Entity for Task {
    const TYPE: EntityType = AWS_ECS_TASK;
}

pub(super) async fn tasks(cx: &Cx, ecs: &Client, cluster: &str) -> Result<Vec<Listed>, CollectError> {
    let mut described = Vec::new();
    let mut pages = pages!(cx, ecs.list_tasks().cluster(cluster), next_token);
    while let Some(page) = pages.next().await? {
        for arns in page.task_arns.unwrap_or_default().chunks(BATCH_SIZE) {
            let request = ecs.describe_tasks().cluster(cluster).set_tasks(Some(arns.to_vec()));
            let answer = request.include(TaskField::Tags).send().await?;
            whole("DescribeTasks", answer.failures())?;
            described.extend(answer.tasks.unwrap_or_default());
        }
    }
    Ok(described)
}

/// Which of a cluster's services starts a task.
pub(super) struct Starters<'a> {
    by_deployment: HashMap<&'a str, &'a str>,
    by_name: HashMap<&'a str, &'a str>,
}

impl<'a> Starters<'a> {
    pub(super) fn of(services: &'a [ListedService]) -> Self {
        let mut starters = Self { by_deployment: HashMap::new(), by_name: HashMap::new() };
        for service in services {
            let Some(arn) = service.service_arn() else { continue };
            starters.by_name.extend(service.service_name().map(|it| (it, arn)));
            let deployments = service.deployments().iter().filter_map(Deployment::id);
            starters.by_deployment.extend(deployments.map(|it| (it, arn)));
        }
        starters
    }

    /// The ARN of the service: by its deployment, or by its name where that deployment is over.
    fn starter(&self, task: &Listed) -> Option<&'a str> {
        let deployed = task.started_by().and_then(|it| self.by_deployment.get(it));
        let named = || self.by_name.get(task.group()?.strip_prefix("service:")?);
        deployed.or_else(named).copied()
    }
}

pub(super) fn task(cx: &Cx, out: &mut Batch, cluster: &str, listed: Listed, starters: &Starters<'_>) {
    let starter = starters.starter(&listed);
    let private_ip_address = address(&listed);
    let Some(arn) = listed.task_arn else {
        return out.skip(None, "a task without an ARN");
    };
    let this = AWS_ECS_TASK.at(&arn);
    let id = last_segment(&arn);
    let definition = listed.task_definition_arn;
    let container_instance = listed.container_instance_arn;

    out.add(
        &arn,
        id,
        &Task {
            id: id.to_owned(),
            state: listed.desired_status,
            active: listed.last_status.as_deref().map(|it| it == "RUNNING"),
            status: listed.last_status,
            cluster_arn: cluster.to_owned(),
            task_definition_arn: definition.clone(),
            container_instance_arn: container_instance.clone(),
            launch_type: listed.launch_type.map(|it| it.as_str().to_owned()),
            started_by: listed.started_by,
            group: listed.group,
            private_ip_address,
            cpu: number(listed.cpu.as_deref()),
            memory: number(listed.memory.as_deref()),
            created_on: listed.created_at.as_ref().and_then(millis),
            started_on: listed.started_at.as_ref().and_then(millis),
        },
    )
    .tags(tag_pairs(listed.tags))
    .web_link(cx.console(format_args!(
        "ecs/v2/clusters/{}/tasks/{id}/configuration?region={}",
        last_segment(cluster),
        cx.region()
    )));

    out.link(AWS_ECS_CLUSTER.at(cluster), Runs, this.clone());
    if let Some(container_instance) = container_instance {
        out.link(AWS_ECS_CONTAINER_INSTANCE.at(container_instance), Runs, this.clone());
    }
    if let Some(definition) = definition {
        out.link(AWS_ECS_TASK_DEFINITION.at(definition), Defines, this.clone());
    }
    if let Some(starter) = starter {
        out.link(AWS_ECS_SERVICE.at(starter), Triggers, this);
    }
}

/// The address of the network interface that its containers share, if they have one.
fn address(listed: &Listed) -> Option<String> {
    let mut interfaces = listed.containers().iter().flat_map(Container::network_interfaces);
    interfaces.find_map(|it| it.private_ipv4_address.clone())
}

#[cfg(test)]
mod tests {
    use aws_sdk_ecs::types::builders::ServiceBuilder;

    use super::*;

    #[test]
    fn a_task_is_its_deployments_or_else_its_groups() {
        let deployment = |id: &str| Deployment::builder().id(id).build();
        let services = [
            ListedService::builder()
                .service_arn("arn:a")
                .service_name("a")
                .deployments(deployment("ecs-svc/1")),
            ListedService::builder()
                .service_arn("arn:b")
                .service_name("b")
                .deployments(deployment("ecs-svc/2")),
        ]
        .map(ServiceBuilder::build);
        let starters = Starters::of(&services);
        let check = |started_by: Option<&str>, group: Option<&str>, expected: Option<&str>| {
            let task = Listed::builder().set_started_by(started_by.map(str::to_owned));
            let task = task.set_group(group.map(str::to_owned)).build();
            assert_eq!(starters.starter(&task), expected, "{started_by:?} {group:?}");
        };

        check(Some("ecs-svc/2"), Some("service:a"), Some("arn:b"));
        check(Some("ecs-svc/0"), Some("service:a"), Some("arn:a"));
        check(None, Some("service:a"), Some("arn:a"));
        check(Some("somebody"), Some("family:a"), None);
        check(None, Some("service:gone"), None);
        check(None, None, None);
    }
}
