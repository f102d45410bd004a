//! Compute environments.

use aws_sdk_batch::types::{CeStatus, ComputeEnvironmentDetail, ComputeResource};
use orgraph_collect::prelude::*;

pub(crate) static COMPUTE_ENVIRONMENTS: Collector = Collector {
    name: "batch_compute_environments",
    service: Service::BATCH,
    scope: Scope::Region,
    calls: &[call("DescribeComputeEnvironments").lists("computeEnvironments")],
    entities: &[entity::<ComputeEnvironment>()],
    relationships: &[
        rel(AWS_BATCH, Has, AWS_BATCH_COMPUTE_ENVIRONMENT),
        rel(AWS_BATCH_COMPUTE_ENVIRONMENT, Uses, AWS_ECS_CLUSTER),
        rel(AWS_BATCH_COMPUTE_ENVIRONMENT, Assigned, AWS_IAM_ROLE),
        rel(AWS_BATCH_COMPUTE_ENVIRONMENT, Uses, AWS_IAM_ROLE),
        rel(AWS_SECURITY_GROUP, Protects, AWS_BATCH_COMPUTE_ENVIRONMENT),
    ],
    collect: |cx, out| Box::pin(compute_environments(cx, out)),
};

/// A compute environment: the capacity that jobs run on.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ComputeEnvironment {
    /// The unique ID, which is never used again.
    id: Option<String>,
    /// `MANAGED`, or `UNMANAGED` where its owner brings the machines.
    #[serde(rename = "type")]
    kind: Option<String>,
    /// `ENABLED` or `DISABLED`: whether it takes jobs from queues.
    state: Option<String>,
    /// `VALID`, `INVALID`, `CREATING`, `UPDATING`, `DELETING` or `DELETED`.
    status: Option<String>,
    /// Whether it is valid. A valid one may still be disabled; `state` tells.
    active: Option<bool>,
    /// The cluster beneath it; `null` on EKS.
    ecs_cluster_arn: Option<String>,
    /// The role that Batch acts with.
    service_role: Option<String>,
    /// The instance profile of its machines, as ARN or name; `null` where it has no machines.
    instance_role: Option<String>,
    /// `EC2`, `SPOT`, `FARGATE`, `FARGATE_SPOT` or `ECS_MANAGED_INSTANCES`; `null` where unmanaged.
    compute_type: Option<String>,
    /// How many vCPUs it keeps at least.
    minv_cpus: Option<i32>,
    /// How many vCPUs it grows to at most.
    maxv_cpus: Option<i32>,
    /// How many vCPUs Batch wants now.
    desiredv_cpus: Option<i32>,
    /// The instance types and families it may start.
    instance_types: Vec<String>,
    /// The subnets its machines are started in.
    subnet_ids: Vec<String>,
    /// The security groups of its machines.
    security_group_ids: Vec<String>,
}

impl Entity for ComputeEnvironment {
    const TYPE: EntityType = AWS_BATCH_COMPUTE_ENVIRONMENT;
    const VOLATILE: &'static [&'static str] = &["desiredvCpus"];
}

async fn compute_environments(cx: &Cx, out: &mut Batch) -> Result<(), CollectError> {
    let batch = client!(aws_sdk_batch, BATCH, cx);
    let mut pages = pages!(cx, batch.describe_compute_environments(), next_token);
    while let Some(page) = pages.next().await? {
        for listed in page.compute_environments.unwrap_or_default() {
            compute_environment(cx, out, listed);
        }
    }
    Ok(())
}

fn compute_environment(cx: &Cx, out: &mut Batch, listed: ComputeEnvironmentDetail) {
    let (Some(arn), Some(name)) = (listed.compute_environment_arn, listed.compute_environment_name) else {
        return out.skip(None, "a compute environment without an ARN or a name");
    };
    let this = AWS_BATCH_COMPUTE_ENVIRONMENT.at(&arn);
    let resources = listed.compute_resources;
    let resources = resources.as_ref();
    let groups = resources.map(|it| it.security_group_ids().to_vec()).unwrap_or_default();
    let service_role = listed.service_role.filter(|it| !it.is_empty());
    let instance_role = resources.and_then(|it| it.instance_role.clone());
    let cluster = listed.ecs_cluster_arn.filter(|it| !it.is_empty());

    out.add(
        &arn,
        &name,
        &ComputeEnvironment {
            id: listed.uuid,
            kind: listed.r#type.map(|it| it.as_str().to_owned()),
            state: listed.state.map(|it| it.as_str().to_owned()),
            active: listed.status.as_ref().map(|it| *it == CeStatus::Valid),
            status: listed.status.map(|it| it.as_str().to_owned()),
            ecs_cluster_arn: cluster.clone(),
            service_role: service_role.clone(),
            instance_role: instance_role.clone(),
            compute_type: resources.and_then(ComputeResource::r#type).map(|it| it.as_str().to_owned()),
            minv_cpus: resources.and_then(|it| it.minv_cpus),
            maxv_cpus: resources.and_then(|it| it.maxv_cpus),
            desiredv_cpus: resources.and_then(|it| it.desiredv_cpus),
            instance_types: resources.map(|it| it.instance_types().to_vec()).unwrap_or_default(),
            subnet_ids: resources.map(|it| it.subnets().to_vec()).unwrap_or_default(),
            security_group_ids: groups.clone(),
        },
    )
    .tags(listed.tags.unwrap_or_default())
    .web_link(
        cx.console(format_args!("batch/home?region={}#compute-environments/detail/{arn}", cx.region())),
    );

    if let Some(cluster) = cluster {
        out.link(this.clone(), Uses, AWS_ECS_CLUSTER.at(cluster));
    }
    if let Some(role) = service_role {
        out.link(this.clone(), Assigned, AWS_IAM_ROLE.at(role)).property("roleType", "service");
    }
    if let Some(role) = resources.and_then(ComputeResource::spot_iam_fleet_role) {
        out.link(this.clone(), Uses, AWS_IAM_ROLE.at(role))
            .property("roleType", "spotFleet")
            .discriminator("spotFleet");
    }
    if let Some(profile) = instance_role {
        let profile = profile_arn(cx, profile);
        let role = out.find(this.clone(), Uses, AWS_IAM_ROLE, "instanceProfileArns", &profile);
        role.any_region = true;
        role.properties.insert("roleType".to_owned(), "instance".into());
    }
    for group in groups {
        let group = AWS_SECURITY_GROUP.at(cx.arn("ec2", format_args!("security-group/{group}")));
        out.link(group, Protects, this.clone());
    }
}

/// The ARN of an instance profile that is given by its ARN or by its name.
fn profile_arn(cx: &Cx, profile: String) -> String {
    if profile.starts_with("arn:") {
        return profile;
    }
    format!("arn:{}:iam::{}:instance-profile/{profile}", cx.partition(), cx.account())
}
