//! Job definitions.

use std::collections::BTreeSet;

use aws_sdk_batch::types::{
    ContainerProperties, EcsProperties, EcsTaskProperties, EksContainer, EksProperties,
    JobDefinition as Listed, NodeProperties, NodeRangeProperty, ResourceRequirement, ResourceType,
    TaskContainerProperties,
};
use orgraph_collect::prelude::*;

pub(crate) static JOB_DEFINITIONS: Collector = Collector {
    name: "batch_job_definitions",
    service: Service::BATCH,
    scope: Scope::Region,
    calls: &[call("DescribeJobDefinitions").lists("jobDefinitions")],
    entities: &[entity::<JobDefinition>()],
    relationships: &[rel(AWS_BATCH, Has, AWS_BATCH_JOB_DEFINITION)],
    collect: |cx, out| Box::pin(job_definitions(cx, out)),
};

/// An active revision of a job definition: its settings, never its command or the values of its environment.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct JobDefinition {
    /// The name and the revision, such as `nightly:7`.
    id: String,
    /// Which revision it is.
    revision: Option<i32>,
    /// `ACTIVE`.
    status: Option<String>,
    /// Whether jobs can be made from it.
    active: Option<bool>,
    /// `container` or `multinode`.
    #[serde(rename = "type")]
    kind: Option<String>,
    /// The image of its container, the first where there are several.
    image: Option<String>,
    /// The role that its containers act with.
    job_role_arn: Option<String>,
    /// The role that pulls images, writes logs and reads secrets.
    execution_role_arn: Option<String>,
    /// The vCPUs of its container, the first where there are several.
    vcpus: Option<f64>,
    /// The memory of its container, the first where there are several, in MiB.
    memory: Option<i64>,
    /// Where it can run: `EC2` or `FARGATE`; empty on EKS.
    platform_capabilities: Vec<String>,
    /// Whether a container of it has the rights of root on the machine.
    privileged: bool,
    /// How long an attempt may run, in seconds; `null` for no limit.
    timeout_seconds: Option<i32>,
    /// The names of its containers' environment variables. The values are never read into the graph.
    environment_names: BTreeSet<String>,
}

impl Entity for JobDefinition {
    const TYPE: EntityType = AWS_BATCH_JOB_DEFINITION;
}

async fn job_definitions(cx: &Cx, out: &mut Batch) -> Result<(), CollectError> {
    let batch = client!(aws_sdk_batch, BATCH, cx);
    let mut pages = pages!(cx, batch.describe_job_definitions().status("ACTIVE"), next_token);
    while let Some(page) = pages.next().await? {
        for listed in page.job_definitions.unwrap_or_default() {
            job_definition(cx, out, &listed);
        }
    }
    Ok(())
}

fn job_definition(cx: &Cx, out: &mut Batch, listed: &Listed) {
    let containers = containers(listed);
    let first = containers.first();
    let roles = Roles::of(listed);
    let (Some(arn), Some(name)) = (&listed.job_definition_arn, &listed.job_definition_name) else {
        return out.skip(None, "a job definition without an ARN or a name");
    };
    let id = listed.revision.map_or_else(|| name.clone(), |it| format!("{name}:{it}"));

    out.add(
        arn,
        &id,
        &JobDefinition {
            id: id.clone(),
            revision: listed.revision,
            status: listed.status.clone(),
            active: listed.status().map(|it| it == "ACTIVE"),
            kind: listed.r#type.clone(),
            image: first.and_then(|it| it.image.clone()),
            job_role_arn: roles.job,
            execution_role_arn: roles.execution,
            vcpus: first.and_then(|it| it.vcpus),
            memory: first.and_then(|it| it.memory),
            platform_capabilities: listed
                .platform_capabilities()
                .iter()
                .map(|it| it.as_str().to_owned())
                .collect(),
            privileged: containers.iter().any(|it| it.privileged),
            timeout_seconds: listed.timeout().and_then(|it| it.attempt_duration_seconds),
            environment_names: containers.iter().flat_map(|it| it.environment_names.clone()).collect(),
        },
    )
    .tags(listed.tags.clone().unwrap_or_default())
    .web_link(cx.console(format_args!("batch/home?region={}#job-definition/detail/{arn}", cx.region())));
}

/// What the different kinds of container have in common.
struct Container {
    image: Option<String>,
    vcpus: Option<f64>,
    memory: Option<i64>,
    privileged: bool,
    environment_names: Vec<String>,
}

/// The containers of a definition, wherever its kind keeps them.
fn containers(listed: &Listed) -> Vec<Container> {
    let nodes = nodes(listed);
    let alone = listed
        .container_properties()
        .into_iter()
        .chain(nodes.iter().filter_map(NodeRangeProperty::container));
    let on_ecs = ecs_properties(listed)
        .flat_map(EcsProperties::task_properties)
        .flat_map(EcsTaskProperties::containers);
    let in_pods = listed.eks_properties().into_iter();
    let in_pods = in_pods.chain(nodes.iter().filter_map(NodeRangeProperty::eks_properties));
    let in_pods = in_pods.filter_map(EksProperties::pod_properties);
    let in_pods = in_pods.flat_map(|it| it.containers().iter().chain(it.init_containers()));
    alone.map(container).chain(on_ecs.map(task_container)).chain(in_pods.map(pod_container)).collect()
}

fn nodes(listed: &Listed) -> &[NodeRangeProperty] {
    listed.node_properties().map(NodeProperties::node_range_properties).unwrap_or_default()
}

fn ecs_properties(listed: &Listed) -> impl Iterator<Item = &EcsProperties> {
    listed
        .ecs_properties()
        .into_iter()
        .chain(nodes(listed).iter().filter_map(NodeRangeProperty::ecs_properties))
}

#[expect(deprecated, reason = "definitions registered with the older fields are answered with them")]
fn container(listed: &ContainerProperties) -> Container {
    let (vcpus, memory) = required(listed.resource_requirements());
    Container {
        image: listed.image.clone(),
        vcpus: vcpus.or(listed.vcpus.map(f64::from)),
        memory: memory.or(listed.memory.map(i64::from)),
        privileged: listed.privileged == Some(true),
        environment_names: listed.environment().iter().filter_map(|it| it.name.clone()).collect(),
    }
}

fn task_container(listed: &TaskContainerProperties) -> Container {
    let (vcpus, memory) = required(listed.resource_requirements());
    Container {
        image: listed.image.clone(),
        vcpus,
        memory,
        privileged: listed.privileged == Some(true),
        environment_names: listed.environment().iter().filter_map(|it| it.name.clone()).collect(),
    }
}

fn pod_container(listed: &EksContainer) -> Container {
    // Where both are given Batch wants them equal, and one is enough.
    let amount = |name: &str| {
        let resources = listed.resources()?;
        resources.limits().and_then(|it| it.get(name)).or_else(|| resources.requests()?.get(name))
    };
    Container {
        image: listed.image.clone(),
        vcpus: amount("cpu").and_then(|it| it.parse().ok()),
        memory: amount("memory").and_then(|it| it.strip_suffix("Mi").unwrap_or(it).parse().ok()),
        privileged: listed.security_context().is_some_and(|it| it.privileged == Some(true)),
        environment_names: listed.env().iter().filter_map(|it| it.name.clone()).collect(),
    }
}

/// The vCPUs and the MiB of memory that a container asks for.
fn required(requirements: &[ResourceRequirement]) -> (Option<f64>, Option<i64>) {
    let value = |of: &ResourceType| requirements.iter().find(|it| it.r#type() == Some(of))?.value();
    let vcpus = value(&ResourceType::Vcpu).and_then(|it| it.parse().ok());
    (vcpus, value(&ResourceType::Memory).and_then(|it| it.parse().ok()))
}

/// The roles of a definition; its nodes share them.
struct Roles {
    job: Option<String>,
    execution: Option<String>,
}

impl Roles {
    fn of(listed: &Listed) -> Self {
        let nodes = nodes(listed).iter().filter_map(NodeRangeProperty::container);
        if let Some(alone) = listed.container_properties().into_iter().chain(nodes).next() {
            return Self { job: alone.job_role_arn.clone(), execution: alone.execution_role_arn.clone() };
        }
        let task = ecs_properties(listed).flat_map(EcsProperties::task_properties).next();
        Self {
            job: task.and_then(|it| it.task_role_arn.clone()),
            execution: task.and_then(|it| it.execution_role_arn.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use aws_sdk_batch::types::EksContainerResourceRequirements;

    use super::*;

    #[test]
    #[expect(deprecated, reason = "the older fields are still answered")]
    fn resources_are_read_from_each_kind_of_container() {
        let require = |kind: ResourceType, value: &str| {
            ResourceRequirement::builder().r#type(kind).value(value).build()
        };
        let check = |found: &Container, expected: (Option<f64>, Option<i64>)| {
            assert_eq!((found.vcpus, found.memory), expected);
        };

        check(
            &container(&ContainerProperties::builder().vcpus(2).memory(512).build()),
            (Some(2.0), Some(512)),
        );
        let fargate = ContainerProperties::builder()
            .resource_requirements(require(ResourceType::Memory, "1024"))
            .resource_requirements(require(ResourceType::Vcpu, "0.25"));
        check(&container(&fargate.build()), (Some(0.25), Some(1024)));
        let limits =
            HashMap::from([("cpu".to_owned(), "1".to_owned()), ("memory".to_owned(), "64Mi".to_owned())]);
        let limits = EksContainerResourceRequirements::builder().set_limits(Some(limits)).build();
        check(&pod_container(&EksContainer::builder().resources(limits).build()), (Some(1.0), Some(64)));
        check(&task_container(&TaskContainerProperties::builder().build()), (None, None));
    }
}
