//! Task definitions.
//!
//! A revision is made by each deployment and rarely deregistered, so that accounts have hundreds of thousands of them.
//! Read are those that can matter: the newest active revision of each family, and every other one that a service or a
//! task is made from.

use std::collections::{BTreeSet, HashMap, HashSet};

use aws_sdk_ecs::Client;
use aws_sdk_ecs::operation::describe_task_definition::DescribeTaskDefinitionOutput;
use aws_sdk_ecs::types::{ContainerDefinition, SortOrder, TaskDefinitionField, TaskDefinitionStatus};
use orgraph_collect::prelude::*;

use super::services::{definitions, services};
use super::tasks::tasks;
use super::{BATCH_SIZE, known, link_role, number, tag_pairs};

pub(crate) static TASK_DEFINITIONS: Collector = Collector {
    name: "ecs_task_definitions",
    service: Service::ECS,
    scope: Scope::Region,
    calls: &[
        call("ListTaskDefinitions").lists("taskDefinitionArns"),
        call("DescribeTaskDefinition").lists("taskDefinition"),
        call("ListClusters").lists("clusterArns"),
        call("ListServices").lists("serviceArns"),
        call("DescribeServices").lists("services"),
        call("ListTasks").lists("taskArns"),
        call("DescribeTasks").lists("tasks"),
    ],
    entities: &[entity::<TaskDefinition>()],
    relationships: &[
        rel(AWS_ECS, Has, AWS_ECS_TASK_DEFINITION),
        rel(AWS_ECS_TASK_DEFINITION, Assigned, AWS_IAM_ROLE),
        rel(AWS_ECS_TASK_DEFINITION, Uses, AWS_IAM_ROLE),
    ],
    collect: |cx, out| Box::pin(task_definitions(cx, out)),
};

/// A revision of a task definition: the newest active one of its family, or one in use. Its commands and the values of
/// its environment are never read into the graph.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct TaskDefinition {
    /// The family and the revision, such as `orders:7`.
    id: String,
    /// The name that its revisions share.
    family: String,
    /// Which revision of its family it is.
    revision: i32,
    /// `ACTIVE`, or `INACTIVE` or `DELETE_IN_PROGRESS` when it is only still in use.
    status: Option<String>,
    /// Whether new tasks can be made from it.
    active: Option<bool>,
    /// The role that its containers act with.
    task_role_arn: Option<String>,
    /// The role that ECS pulls images, writes logs and reads secrets with.
    execution_role_arn: Option<String>,
    /// `awsvpc`, `bridge`, `host` or `none`; `null` for the default of the machine.
    network_mode: Option<String>,
    /// Where it can run: `EC2`, `FARGATE`, `EXTERNAL` and so on.
    compatibilities: Vec<String>,
    /// The CPU units of a task, of which 1024 are a vCPU; `null` where only its containers have a limit.
    cpu: Option<i64>,
    /// The memory of a task, in MiB; `null` where only its containers have a limit.
    memory: Option<i64>,
    /// The images of its containers.
    container_images: BTreeSet<String>,
    /// The names of its containers' environment variables. The values are never read into the graph.
    environment_names: BTreeSet<String>,
    /// The names under which its containers see secrets.
    secret_names: BTreeSet<String>,
    /// When it was registered, in milliseconds since the epoch.
    created_on: Option<i64>,
    /// Whose processes its containers see: `host` for those of the machine, `task` for those of each other, `null` for
    /// their own only.
    pid_mode: Option<String>,
    /// Whether a container of it has the rights of root on the machine.
    privileged: bool,
    /// Whether no container of it can write to its root file system.
    readonly_root_filesystem: bool,
    /// Whether all its containers send their logs somewhere.
    logging_configured: bool,
}

impl Entity for TaskDefinition {
    const TYPE: EntityType = AWS_ECS_TASK_DEFINITION;
}

async fn task_definitions(cx: &Cx, out: &mut Batch) -> Result<(), CollectError> {
    let ecs = client!(aws_sdk_ecs, ECS, cx);
    let mut newest = Newest::default();
    // The newest revision of a family first, so that the others can be passed over as they come.
    let request = ecs.list_task_definitions().status(TaskDefinitionStatus::Active).sort(SortOrder::Desc);
    let mut pages = pages!(cx, request, next_token);
    while let Some(page) = pages.next().await? {
        let arns = page.task_definition_arns.unwrap_or_default();
        describe(cx, out, &ecs, arns.into_iter().filter(|it| newest.takes(it)).collect()).await?;
    }
    let used: Vec<String> = in_use(cx, out, &ecs).await?.into_iter().filter(|it| newest.misses(it)).collect();
    for arns in used.chunks(BATCH_SIZE) {
        describe(cx, out, &ecs, arns.to_vec()).await?;
    }
    Ok(())
}

async fn describe(cx: &Cx, out: &mut Batch, ecs: &Client, arns: Vec<String>) -> Result<(), CollectError> {
    let details = |arn: String| async {
        let request = ecs.describe_task_definition().task_definition(&arn);
        let answer = detail(request.include(TaskDefinitionField::Tags).send().await)?;
        Ok::<_, CollectError>((arn, answer))
    };
    for described in cx.concurrently(arns, details).await {
        match described? {
            (_, Detail::Known(Some(answer))) => task_definition(cx, out, answer),
            (_, Detail::Known(None)) => {}
            (arn, unknown) => out.keep(arn, &unknown),
        }
    }
    Ok(())
}

/// The task definitions that services and tasks are made from, whether active or not.
async fn in_use(cx: &Cx, out: &mut Batch, ecs: &Client) -> Result<BTreeSet<String>, CollectError> {
    let mut used = BTreeSet::new();
    let clusters = pages!(cx, ecs.list_clusters(), next_token).all(|it| it.cluster_arns).await;
    for cluster in known(out, clusters)? {
        for service in known(out, services(cx, ecs, &cluster).await)? {
            used.extend(definitions(&service).into_iter().map(str::to_owned));
        }
        let tasks = known(out, tasks(cx, ecs, &cluster).await)?;
        used.extend(tasks.into_iter().filter_map(|it| it.task_definition_arn));
    }
    Ok(used)
}

/// The revisions that are read because there is no newer one. Were they listed in another order, more would be read and
/// none missed.
#[derive(Default)]
struct Newest {
    revisions: HashMap<String, i32>,
    taken: HashSet<String>,
}

impl Newest {
    /// Whether no newer revision of its family came before.
    fn takes(&mut self, arn: &str) -> bool {
        let parts = last_segment(arn).rsplit_once(':');
        if let Some((family, revision)) = parts.and_then(|(family, it)| Some((family, it.parse().ok()?))) {
            if self.revisions.get(family).is_some_and(|it| *it > revision) {
                return false;
            }
            self.revisions.insert(family.to_owned(), revision);
        }
        self.taken.insert(arn.to_owned())
    }

    fn misses(&self, arn: &str) -> bool {
        !self.taken.contains(arn)
    }
}

fn task_definition(cx: &Cx, out: &mut Batch, answer: DescribeTaskDefinitionOutput) {
    let listed = answer.task_definition;
    let Some((arn, family, listed)) =
        listed.and_then(|it| Some((it.task_definition_arn.clone()?, it.family.clone()?, it)))
    else {
        return out.skip(None, "a task definition without an ARN or a family");
    };
    let this = AWS_ECS_TASK_DEFINITION.at(&arn);
    let revision = listed.revision;
    let id = format!("{family}:{revision}");
    let containers = listed.container_definitions.unwrap_or_default();
    let all = |is: fn(&ContainerDefinition) -> bool| !containers.is_empty() && containers.iter().all(is);
    let variables = containers.iter().flat_map(ContainerDefinition::environment);
    let secrets = containers.iter().flat_map(ContainerDefinition::secrets);

    out.add(
        &arn,
        &id,
        &TaskDefinition {
            id: id.clone(),
            revision,
            active: listed.status.as_ref().map(|it| *it == TaskDefinitionStatus::Active),
            status: listed.status.map(|it| it.as_str().to_owned()),
            task_role_arn: listed.task_role_arn.clone(),
            execution_role_arn: listed.execution_role_arn.clone(),
            network_mode: listed.network_mode.map(|it| it.as_str().to_owned()),
            compatibilities: listed
                .compatibilities
                .unwrap_or_default()
                .iter()
                .map(|it| it.as_str().to_owned())
                .collect(),
            cpu: number(listed.cpu.as_deref()),
            memory: number(listed.memory.as_deref()),
            container_images: containers.iter().filter_map(|it| it.image.clone()).collect(),
            environment_names: variables.filter_map(|it| it.name.clone()).collect(),
            secret_names: secrets.map(|it| it.name.clone()).collect(),
            created_on: listed.registered_at.as_ref().and_then(millis),
            pid_mode: listed.pid_mode.map(|it| it.as_str().to_owned()),
            privileged: containers.iter().any(|it| it.privileged == Some(true)),
            readonly_root_filesystem: all(|it| it.readonly_root_filesystem == Some(true)),
            logging_configured: all(|it| it.log_configuration.is_some()),
            family: family.clone(),
        },
    )
    .tags(tag_pairs(answer.tags))
    .web_link(cx.console(format_args!(
        "ecs/v2/task-definitions/{family}/{revision}/containers?region={}",
        cx.region()
    )));

    if let Some(role) = listed.task_role_arn {
        link_role(out, this.clone(), Assigned, &role);
    }
    if let Some(role) = listed.execution_role_arn {
        link_role(out, this, Uses, &role);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_newest_revision_of_a_family_is_taken() {
        let mut newest = Newest::default();
        let arn = |it: &str| format!("arn:aws:ecs:us-east-1:123456789012:task-definition/{it}");
        let mut check = |it: &str, expected: bool| assert_eq!(newest.takes(&arn(it)), expected, "{it}");

        check("b:10", true);
        check("b:9", false);
        check("a:2", true);
        check("a:10", true);
        check("odd", true);
        assert!(newest.misses(&arn("b:9")));
        assert!(!newest.misses(&arn("b:10")));
    }
}
