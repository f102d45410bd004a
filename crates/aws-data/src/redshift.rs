//! Amazon Redshift: clusters with their settings. Their tables are never read.

use aws_sdk_redshift::types::Cluster as Listed;
use orgraph_collect::prelude::*;

use crate::links::{active_groups, link_groups};
use crate::shape::{always, is_available};

pub(crate) static CLUSTERS: Collector = Collector {
    name: "redshift_clusters",
    service: Service::REDSHIFT,
    scope: Scope::Region,
    calls: &[call("DescribeClusters"), call("DescribeLoggingStatus")],
    entities: &[entity::<Cluster>()],
    relationships: &[
        rel(AWS_REDSHIFT, Has, AWS_REDSHIFT_CLUSTER),
        rel(AWS_VPC, Has, AWS_REDSHIFT_CLUSTER),
        rel(AWS_REDSHIFT_CLUSTER, Has, AWS_SECURITY_GROUP),
        rel(AWS_SECURITY_GROUP, Protects, AWS_REDSHIFT_CLUSTER),
    ],
    collect: |cx, out| Box::pin(clusters(cx, out)),
};

/// A data warehouse.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Cluster {
    /// The cluster's identifier.
    id: String,
    /// Whether it is encrypted at rest.
    encrypted: Option<bool>,
    /// The key that encrypts it.
    kms_key_id: Option<String>,
    /// Whether it has a public address.
    public: Option<bool>,
    /// The state, such as `available` or `paused`.
    status: Option<String>,
    /// Whether the state is `available`.
    active: Option<bool>,
    /// The version of the engine.
    engine_version: Option<String>,
    /// The size of each node, such as `ra3.large`.
    node_type: Option<String>,
    /// How many nodes it has.
    number_of_nodes: Option<i32>,
    /// The host name to connect to; `null` while the cluster is being created.
    endpoint: Option<String>,
    /// The VPC it is in.
    vpc_id: Option<String>,
    /// The security groups in force.
    security_group_ids: Vec<String>,
    /// How long automatic snapshots are kept, in days; 0 means that there are none.
    backup_retention_period: Option<i32>,
    /// Whether connections and queries are logged.
    logging_enabled: Option<bool>,
    /// Whether major versions are installed by themselves.
    allow_version_upgrade: Option<bool>,
    /// Whether copying and unloading goes through the VPC.
    enhanced_vpc_routing: Option<bool>,
    /// When it was created, in milliseconds since the epoch.
    created_on: Option<i64>,
}

impl Entity for Cluster {
    const TYPE: EntityType = AWS_REDSHIFT_CLUSTER;
}

async fn clusters(cx: &Cx, out: &mut Batch) -> Result<(), CollectError> {
    let redshift = client!(aws_sdk_redshift, REDSHIFT, cx);
    let mut pages = pages!(cx, redshift.describe_clusters(), marker);
    while let Some(page) = pages.next().await? {
        let details = |listed: Listed| async {
            let request = redshift.describe_logging_status();
            let request = request.set_cluster_identifier(listed.cluster_identifier.clone());
            let answer = detail(request.send().await)?;
            let logging = always("DescribeLoggingStatus", answer, |it| it.logging_enabled);
            Ok::<_, CollectError>((listed, logging))
        };
        for detailed in cx.concurrently(page.clusters.unwrap_or_default(), details).await {
            let (listed, logging) = detailed?;
            cluster(cx, out, listed, &logging);
        }
    }
    Ok(())
}

fn cluster(cx: &Cx, out: &mut Batch, listed: Listed, logging: &Detail<Option<bool>>) {
    let Some(id) = listed.cluster_identifier else {
        return out.skip(None, "a cluster without an identifier");
    };
    // The one ARN in the answer is that of the namespace, which outlives the cluster.
    let arn = cx.arn("redshift", format_args!("cluster:{id}"));
    let cluster = AWS_REDSHIFT_CLUSTER.at(&arn);
    let groups = listed.vpc_security_groups.unwrap_or_default().into_iter();
    let security_group_ids = active_groups(groups.map(|it| (it.vpc_security_group_id, it.status)));

    link_groups(cx, out, &cluster, &security_group_ids);
    if let Some(vpc_id) = &listed.vpc_id {
        // The VPC may be shared by another account, whose number is not in the answer.
        out.find_source(AWS_VPC, "vpcId", vpc_id, Has, cluster);
    }
    out.add(
        &arn,
        &id,
        &Cluster {
            id: id.clone(),
            encrypted: listed.encrypted,
            kms_key_id: listed.kms_key_id,
            public: listed.publicly_accessible,
            active: is_available(listed.cluster_status.as_deref()),
            status: listed.cluster_status,
            engine_version: listed.cluster_version,
            node_type: listed.node_type,
            number_of_nodes: listed.number_of_nodes,
            endpoint: listed.endpoint.and_then(|it| it.address),
            vpc_id: listed.vpc_id,
            security_group_ids,
            backup_retention_period: listed.automated_snapshot_retention_period,
            logging_enabled: logging.known().copied().flatten(),
            allow_version_upgrade: listed.allow_version_upgrade,
            enhanced_vpc_routing: listed.enhanced_vpc_routing,
            created_on: listed.cluster_create_time.as_ref().and_then(millis),
        },
    )
    .tags(tags(listed.tags.unwrap_or_default().into_iter().map(|it| (it.key, it.value))))
    .web_link(
        cx.console(format_args!("redshiftv2/home?region={}#/cluster-details?cluster={id}", cx.region())),
    )
    .unknown(logging, &["loggingEnabled"]);
}
