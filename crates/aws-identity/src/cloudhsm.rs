//! AWS CloudHSM, its second version.

use aws_sdk_cloudhsmv2::types::{Cluster as Listed, ClusterState};
use orgraph_collect::prelude::*;

pub(crate) static CLUSTERS: Collector = Collector {
    name: "cloudhsmv2_clusters",
    service: Service::CLOUDHSM,
    scope: Scope::Region,
    calls: &[call("DescribeClusters").lists("Clusters")],
    entities: &[entity::<Hsm>()],
    relationships: &[
        rel(AWS_CLOUDHSM, Has, AWS_HSM),
        rel(AWS_HSM, Has, AWS_SECURITY_GROUP),
        rel(AWS_SECURITY_GROUP, Protects, AWS_HSM),
    ],
    collect: |cx, out| Box::pin(clusters(cx, out)),
};

/// A cluster of hardware security modules: never its passwords or certificates.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "properties are named by the data model")]
struct Hsm {
    /// The cluster's ID.
    id: String,
    /// `ACTIVE`, `UNINITIALIZED`, `DEGRADED`, `DELETED` and so on.
    state: Option<String>,
    /// Whether it can be used.
    active: Option<bool>,
    /// The kind of its modules, such as `hsm2m.medium`.
    hsm_type: Option<String>,
    /// How many modules it has.
    hsm_count: usize,
    /// `FIPS` or `NON_FIPS`.
    mode: Option<String>,
    /// The VPC it is in.
    vpc_id: Option<String>,
    /// The subnets that its modules may be in.
    subnet_ids: Vec<String>,
    /// The security group that AWS has made for it.
    security_group_id: Option<String>,
    /// How long its backups are kept, in days.
    backup_retention_days: Option<i32>,
    /// When it was made, in milliseconds since the epoch.
    created_on: Option<i64>,
}

impl Entity for Hsm {
    const TYPE: EntityType = AWS_HSM;
}

async fn clusters(cx: &Cx, out: &mut Batch) -> Result<(), CollectError> {
    let cloudhsm = client!(aws_sdk_cloudhsmv2, CLOUDHSM, cx);
    let mut pages = pages!(cx, cloudhsm.describe_clusters(), next_token);
    while let Some(page) = pages.next().await? {
        for listed in page.clusters.unwrap_or_default() {
            cluster(cx, out, listed);
        }
    }
    Ok(())
}

fn cluster(cx: &Cx, out: &mut Batch, listed: Listed) {
    let Some(id) = listed.cluster_id else {
        return out.skip(None, "a cluster without an ID");
    };
    let cluster = AWS_HSM.at(cx.arn("cloudhsm", format_args!("cluster/{id}")));
    let mut subnet_ids: Vec<String> = listed.subnet_mapping.unwrap_or_default().into_values().collect();
    subnet_ids.sort_unstable();
    let retention = listed.backup_retention_policy.and_then(|it| it.value);

    out.add(
        &cluster.key,
        &id,
        &Hsm {
            id: id.clone(),
            active: listed.state.as_ref().map(|it| *it == ClusterState::Active),
            state: listed.state.map(|it| it.as_str().to_owned()),
            hsm_type: listed.hsm_type,
            hsm_count: listed.hsms.unwrap_or_default().len(),
            mode: listed.mode.map(|it| it.as_str().to_owned()),
            vpc_id: listed.vpc_id,
            subnet_ids,
            security_group_id: listed.security_group.clone(),
            backup_retention_days: retention.and_then(|it| it.parse().ok()),
            created_on: listed.create_timestamp.as_ref().and_then(millis),
        },
    )
    .tags(listed.tag_list.unwrap_or_default().into_iter().map(|it| (it.key, it.value)))
    .web_link(cx.console(format_args!("cloudhsm/home?region={}#/clusters/{id}", cx.region())));

    if let Some(group) = listed.security_group.filter(|it| !it.is_empty()) {
        let group = AWS_SECURITY_GROUP.at(cx.arn("ec2", format_args!("security-group/{group}")));
        out.link(cluster.clone(), Has, group.clone());
        out.link(group, Protects, cluster);
    }
}
