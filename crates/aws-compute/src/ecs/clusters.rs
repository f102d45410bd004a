//! Clusters, with the container instances, services and tasks that are reached only through them.

use aws_sdk_ecs::Client;
use aws_sdk_ecs::types::{Cluster as Listed, ClusterField, ClusterSetting, ClusterSettingName};
use orgraph_collect::prelude::*;

use super::container_instances::{ContainerInstance, container_instance, container_instances};
use super::services::{Service as ServiceShape, service, services};
use super::tasks::{Starters, Task, task, tasks};
use super::{BATCH_SIZE, known, tag_pairs, whole};

pub(crate) static CLUSTERS: Collector = Collector {
    name: "ecs_clusters",
    service: Service::ECS,
    scope: Scope::Region,
    calls: &[
        call("ListClusters").lists("clusterArns"),
        call("DescribeClusters").lists("clusters"),
        call("ListContainerInstances").lists("containerInstanceArns"),
        call("DescribeContainerInstances").lists("containerInstances"),
        call("ListServices").lists("serviceArns"),
        call("DescribeServices").lists("services"),
        call("ListTasks").lists("taskArns"),
        call("DescribeTasks").lists("tasks"),
    ],
    entities: &[
        entity::<Cluster>(),
        entity::<ContainerInstance>(),
        entity::<ServiceShape>(),
        entity::<Task>(),
    ],
    relationships: &[
        rel(AWS_ECS, Has, AWS_ECS_CLUSTER),
        rel(AWS_ECS_CLUSTER, Has, AWS_ECS_CONTAINER_INSTANCE),
        rel(AWS_ECS_CLUSTER, Has, AWS_ECS_SERVICE),
        rel(AWS_ECS_CLUSTER, Runs, AWS_ECS_TASK),
        rel(AWS_ECS_CONTAINER_INSTANCE, Runs, AWS_ECS_TASK),
        rel(AWS_ECS_SERVICE, Triggers, AWS_ECS_TASK),
        rel(AWS_ECS_TASK_DEFINITION, Defines, AWS_ECS_SERVICE),
        rel(AWS_ECS_TASK_DEFINITION, Defines, AWS_ECS_TASK),
        rel(AWS_INSTANCE, Runs, AWS_ECS_CONTAINER_INSTANCE),
        rel(AWS_SECURITY_GROUP, Protects, AWS_ECS_SERVICE),
    ],
    collect: |cx, out| Box::pin(clusters(cx, out)),
};

/// A cluster: where services and tasks run.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Cluster {
    /// The cluster's name.
    id: String,
    /// `ACTIVE`, `PROVISIONING`, `DEPROVISIONING`, `FAILED` or `INACTIVE`.
    status: Option<String>,
    /// Whether it can run tasks.
    active: Option<bool>,
    /// How many container instances are registered, active or draining.
    registered_container_instances_count: i32,
    /// How many tasks run.
    running_tasks_count: i32,
    /// How many tasks are about to run.
    pending_tasks_count: i32,
    /// How many services are active.
    active_services_count: i32,
    /// The capacity providers that its tasks may use.
    capacity_providers: Vec<String>,
    /// Whether CloudWatch Container Insights collects its metrics, at either level of detail.
    container_insights_enabled: Option<bool>,
}

impl Entity for Cluster {
    const TYPE: EntityType = AWS_ECS_CLUSTER;
    const VOLATILE: &'static [&'static str] =
        &["registeredContainerInstancesCount", "runningTasksCount", "pendingTasksCount"];
}

async fn clusters(cx: &Cx, out: &mut Batch) -> Result<(), CollectError> {
    let ecs = client!(aws_sdk_ecs, ECS, cx);
    let mut pages = pages!(cx, ecs.list_clusters(), next_token);
    while let Some(page) = pages.next().await? {
        // An empty list of ARNs would ask for the cluster named `default`; there are no empty chunks.
        for arns in page.cluster_arns.unwrap_or_default().chunks(BATCH_SIZE) {
            let request = ecs.describe_clusters().set_clusters(Some(arns.to_vec()));
            let request = request.include(ClusterField::Tags).include(ClusterField::Settings);
            let answer = request.send().await?;
            whole("DescribeClusters", answer.failures())?;
            for listed in answer.clusters.unwrap_or_default() {
                contents(cx, out, &ecs, &listed).await?;
                cluster(cx, out, listed);
            }
        }
    }
    Ok(())
}

/// Reads what the cluster holds. One cluster is as much as is in memory at a time.
async fn contents(cx: &Cx, out: &mut Batch, ecs: &Client, listed: &Listed) -> Result<(), CollectError> {
    let Some(cluster) = listed.cluster_arn() else { return Ok(()) };
    // Clusters without instances of their own are common and need not be asked.
    if listed.registered_container_instances_count > 0 {
        for listed in known(out, container_instances(cx, ecs, cluster).await)? {
            container_instance(cx, out, cluster, listed);
        }
    }
    let services = known(out, services(cx, ecs, cluster).await)?;
    for listed in &services {
        service(cx, out, cluster, listed);
    }
    let starters = Starters::of(&services);
    for listed in known(out, tasks(cx, ecs, cluster).await)? {
        task(cx, out, cluster, listed, &starters);
    }
    Ok(())
}

fn cluster(cx: &Cx, out: &mut Batch, listed: Listed) {
    let (Some(arn), Some(name)) = (listed.cluster_arn, listed.cluster_name) else {
        return out.skip(None, "a cluster without an ARN or a name");
    };
    let settings = listed.settings.unwrap_or_default();
    let insights = settings.iter().find(|it| it.name == Some(ClusterSettingName::ContainerInsights));

    out.add(
        &arn,
        &name,
        &Cluster {
            id: name.clone(),
            active: listed.status.as_deref().map(|it| it == "ACTIVE"),
            status: listed.status,
            registered_container_instances_count: listed.registered_container_instances_count,
            running_tasks_count: listed.running_tasks_count,
            pending_tasks_count: listed.pending_tasks_count,
            active_services_count: listed.active_services_count,
            capacity_providers: listed.capacity_providers.unwrap_or_default(),
            container_insights_enabled: insights.and_then(ClusterSetting::value).map(|it| it != "disabled"),
        },
    )
    .tags(tag_pairs(listed.tags))
    .web_link(cx.console(format_args!("ecs/v2/clusters/{name}/services?region={}", cx.region())));
}
