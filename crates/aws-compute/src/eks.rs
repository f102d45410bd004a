//! Amazon EKS.

use aws_sdk_eks::types::{Cluster as Described, LogSetup, Logging, VpcConfigResponse};
use orgraph_collect::prelude::*;

pub(crate) static CLUSTERS: Collector = Collector {
    name: "eks_clusters",
    service: Service::EKS,
    scope: Scope::Region,
    calls: &[call("ListClusters").lists("clusters"), call("DescribeCluster").lists("cluster")],
    entities: &[entity::<Cluster>()],
    relationships: &[
        rel(AWS_EKS, Has, AWS_EKS_CLUSTER),
        rel(AWS_EKS_CLUSTER, Has, AWS_SECURITY_GROUP),
        rel(AWS_SECURITY_GROUP, Protects, AWS_EKS_CLUSTER),
    ],
    collect: |cx, out| Box::pin(clusters(cx, out)),
};

/// A Kubernetes cluster: its control plane.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "properties are named by the data model")]
struct Cluster {
    /// The cluster's name.
    id: String,
    /// `ACTIVE`, `CREATING`, `UPDATING`, `PENDING`, `DELETING` or `FAILED`.
    status: Option<String>,
    /// Whether it can be used.
    active: Option<bool>,
    /// The version of Kubernetes.
    version: Option<String>,
    /// The version of what AWS runs around Kubernetes.
    platform_version: Option<String>,
    /// The address of the Kubernetes API.
    endpoint: Option<String>,
    /// Whether the Kubernetes API can be reached from the internet.
    public: Option<bool>,
    /// The same, under the name that AWS gives it.
    endpoint_public_access: Option<bool>,
    /// Whether the Kubernetes API can be reached from within the VPC.
    endpoint_private_access: Option<bool>,
    /// The addresses from which the public endpoint can be reached.
    public_access_cidrs: Option<Vec<String>>,
    /// The ARN of the role that the control plane runs as.
    role_arn: Option<String>,
    /// The VPC of its nodes.
    vpc_id: Option<String>,
    /// The security groups of its control plane, with the one that EKS has made for it.
    security_group_ids: Option<Vec<String>>,
    /// Whether a key of one's own encrypts what it stores, on top of the encryption that every cluster has.
    encrypted: Option<bool>,
    /// When it was made, in milliseconds since the epoch.
    created_on: Option<i64>,
    /// Whether the requests to the Kubernetes API are logged.
    cluster_logging_api: Option<bool>,
    /// Whether the audit log of Kubernetes is kept.
    cluster_logging_audit: Option<bool>,
    /// Whether sign-ins are logged.
    cluster_logging_authenticator: Option<bool>,
    /// Whether the controller manager is logged.
    cluster_logging_controller_manager: Option<bool>,
    /// Whether the scheduler is logged.
    cluster_logging_scheduler: Option<bool>,
}

impl Entity for Cluster {
    const TYPE: EntityType = AWS_EKS_CLUSTER;
}

/// What only the description of a cluster tells.
const DESCRIBED: &[&str] = &[
    "status",
    "active",
    "version",
    "platformVersion",
    "endpoint",
    "public",
    "endpointPublicAccess",
    "endpointPrivateAccess",
    "publicAccessCidrs",
    "roleArn",
    "vpcId",
    "securityGroupIds",
    "encrypted",
    "createdOn",
    "clusterLoggingApi",
    "clusterLoggingAudit",
    "clusterLoggingAuthenticator",
    "clusterLoggingControllerManager",
    "clusterLoggingScheduler",
    "tags",
];

async fn clusters(cx: &Cx, out: &mut Batch) -> Result<(), CollectError> {
    let eks = client!(aws_sdk_eks, EKS, cx);
    let mut pages = pages!(cx, eks.list_clusters(), next_token);
    while let Some(page) = pages.next().await? {
        let described = |name: String| async {
            let described = detail(eks.describe_cluster().name(&name).send().await)?;
            Ok::<_, CollectError>((name, described.map(|it| it.and_then(|it| it.cluster))))
        };
        for described in cx.concurrently(page.clusters.unwrap_or_default(), described).await {
            let (name, described) = described?;
            cluster(cx, out, &name, &described);
        }
    }
    Ok(())
}

fn cluster(cx: &Cx, out: &mut Batch, name: &str, described: &Detail<Option<Described>>) {
    if matches!(described, Detail::Known(None)) {
        // Deleted since it was listed.
        return;
    }
    let cluster = described.known().and_then(Option::as_ref);
    let named = cluster.and_then(|it| it.arn.clone());
    let arn = named.unwrap_or_else(|| cx.arn("eks", format_args!("cluster/{name}")));
    let network = cluster.and_then(|it| it.resources_vpc_config());
    let groups = network.map(groups);
    let logging = cluster.and_then(|it| it.logging());
    let logs = |kind: &str| logging.map(|it| is_logged(it, kind));
    let tags = cluster.and_then(|it| it.tags.clone()).unwrap_or_default();
    let public = network.map(|it| it.endpoint_public_access);

    out.add(
        &arn,
        name,
        &Cluster {
            id: name.to_owned(),
            status: cluster.and_then(|it| it.status()).map(|it| it.as_str().to_owned()),
            active: cluster.and_then(|it| it.status()).map(|it| it.as_str() == "ACTIVE"),
            version: cluster.and_then(|it| it.version.clone()),
            platform_version: cluster.and_then(|it| it.platform_version.clone()),
            endpoint: cluster.and_then(|it| it.endpoint.clone()),
            public,
            endpoint_public_access: public,
            endpoint_private_access: network.map(|it| it.endpoint_private_access),
            public_access_cidrs: network.map(|it| it.public_access_cidrs().to_vec()),
            role_arn: cluster.and_then(|it| it.role_arn.clone()),
            vpc_id: network.and_then(|it| it.vpc_id.clone()),
            security_group_ids: groups.clone(),
            encrypted: cluster.map(|it| !it.encryption_config().is_empty()),
            created_on: cluster.and_then(|it| it.created_at()).and_then(millis),
            cluster_logging_api: logs("api"),
            cluster_logging_audit: logs("audit"),
            cluster_logging_authenticator: logs("authenticator"),
            cluster_logging_controller_manager: logs("controllerManager"),
            cluster_logging_scheduler: logs("scheduler"),
        },
    )
    .tags(tags)
    .web_link(cx.console(format_args!("eks/home?region={}#/clusters/{name}", cx.region())))
    .unknown(described, DESCRIBED);

    let cluster = AWS_EKS_CLUSTER.at(arn);
    for group in groups.unwrap_or_default() {
        let group = AWS_SECURITY_GROUP.at(cx.arn("ec2", format_args!("security-group/{group}")));
        out.link(cluster.clone(), Has, group.clone());
        out.link(group, Protects, cluster.clone());
    }
}

/// The security groups that were given, and the one that EKS has made.
fn groups(network: &VpcConfigResponse) -> Vec<String> {
    let mut groups = network.security_group_ids().to_vec();
    groups.extend(network.cluster_security_group_id.clone().filter(|it| !it.is_empty()));
    groups.sort_unstable();
    groups.dedup();
    groups
}

fn is_logged(logging: &Logging, kind: &str) -> bool {
    let enabled = logging.cluster_logging().iter().filter(|it| it.enabled == Some(true));
    enabled.flat_map(LogSetup::types).any(|it| it.as_str() == kind)
}
