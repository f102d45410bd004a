//! Snapshots of database clusters.

use aws_sdk_rds::types::DbClusterSnapshot;
use orgraph_collect::prelude::*;

use super::{Asked, Sharing, is_available, tag_pairs};

pub(crate) static CLUSTER_SNAPSHOTS: Collector = Collector {
    name: "rds_cluster_snapshots",
    service: Service::RDS,
    scope: Scope::Region,
    calls: &[call("DescribeDBClusterSnapshots"), call("DescribeDBClusterSnapshotAttributes")],
    entities: &[entity::<ClusterSnapshot>()],
    relationships: &[
        rel(AWS_RDS, Has, AWS_DB_CLUSTER_SNAPSHOT),
        rel(AWS_RDS_CLUSTER, Contains, AWS_DB_CLUSTER_SNAPSHOT),
    ],
    collect: |cx, out| Box::pin(snapshots(cx, out)),
};

/// A snapshot of a database cluster, taken by hand, by the daily backup or by AWS Backup.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ClusterSnapshot {
    /// The snapshot's identifier.
    id: String,
    /// Whether it is encrypted.
    encrypted: Option<bool>,
    /// The key that encrypts it.
    kms_key_id: Option<String>,
    /// Whether any AWS account may restore it.
    public: Option<bool>,
    /// Whether named AWS accounts may restore it.
    shared: Option<bool>,
    /// The accounts that may restore it.
    shared_with_accounts: Option<Vec<String>>,
    /// `manual`, `automated` or `awsbackup`. Only manual ones can be shared.
    snapshot_type: Option<String>,
    /// The state, such as `available` or `creating`.
    status: Option<String>,
    /// Whether the state is `available`.
    active: Option<bool>,
    /// The database engine.
    engine: Option<String>,
    /// The version of the engine.
    engine_version: Option<String>,
    /// The identifier that the cluster had.
    db_cluster_identifier: Option<String>,
    /// The identifier of the cluster that stays the same when it is renamed.
    db_cluster_resource_id: Option<String>,
    /// The size of the cluster's storage, in GiB.
    allocated_storage: Option<i32>,
    /// When it was taken, in milliseconds since the epoch.
    created_on: Option<i64>,
}

impl Entity for ClusterSnapshot {
    const TYPE: EntityType = AWS_DB_CLUSTER_SNAPSHOT;
}

async fn snapshots(cx: &Cx, out: &mut Batch) -> Result<(), CollectError> {
    let rds = client!(aws_sdk_rds, RDS, cx);
    let mut pages = pages!(cx, rds.describe_db_cluster_snapshots(), marker);
    while let Some(page) = pages.next().await? {
        let details = |listed: DbClusterSnapshot| async {
            let asked = sharing(&rds, &listed).await?;
            Ok::<_, CollectError>((listed, asked))
        };
        for detailed in cx.concurrently(page.db_cluster_snapshots.unwrap_or_default(), details).await {
            let (listed, asked) = detailed?;
            snapshot(cx, out, listed, asked);
        }
    }
    Ok(())
}

async fn sharing(rds: &aws_sdk_rds::Client, listed: &DbClusterSnapshot) -> Result<Asked, CollectError> {
    if listed.snapshot_type() != Some("manual") {
        return Ok(Asked::nothing());
    }
    let request = rds
        .describe_db_cluster_snapshot_attributes()
        .set_db_cluster_snapshot_identifier(listed.db_cluster_snapshot_identifier.clone());
    let answer = detail(request.send().await)?;
    Ok(Asked::from("DescribeDBClusterSnapshotAttributes", answer, |it| {
        let attributes = it.db_cluster_snapshot_attributes_result?.db_cluster_snapshot_attributes;
        let attributes = attributes.unwrap_or_default().into_iter();
        Some(Sharing::of(attributes.map(|it| (it.attribute_name, it.attribute_values))))
    }))
}

fn snapshot(cx: &Cx, out: &mut Batch, listed: DbClusterSnapshot, asked: Asked) {
    let (Some(arn), Some(id)) = (listed.db_cluster_snapshot_arn, listed.db_cluster_snapshot_identifier)
    else {
        return out.skip(None, "a cluster snapshot without an ARN or an identifier");
    };
    let Asked::Sharing(sharing) = asked else {
        return out.skip(Some(arn.into()), "a cluster snapshot deleted while it was read");
    };
    let snapshot = AWS_DB_CLUSTER_SNAPSHOT.at(&arn);
    match (&listed.db_cluster_resource_id, &listed.db_cluster_identifier) {
        // The name may belong to a newer cluster by now; the resource ID never does.
        (Some(resource), _) => {
            out.find_source(AWS_RDS_CLUSTER, "dbClusterResourceId", resource, Contains, snapshot);
        }
        (None, Some(name)) => {
            let cluster = AWS_RDS_CLUSTER.at(cx.arn("rds", format_args!("cluster:{name}")));
            out.link(cluster, Contains, snapshot);
        }
        (None, None) => {}
    }

    out.add(
        &arn,
        &id,
        &ClusterSnapshot {
            id: id.clone(),
            encrypted: listed.storage_encrypted,
            kms_key_id: listed.kms_key_id,
            public: sharing.known().map(|it| it.everybody),
            shared: sharing.known().map(|it| !it.accounts.is_empty()),
            shared_with_accounts: sharing.known().map(|it| it.accounts.clone()),
            snapshot_type: listed.snapshot_type,
            active: is_available(listed.status.as_deref()),
            status: listed.status,
            engine: listed.engine,
            engine_version: listed.engine_version,
            db_cluster_identifier: listed.db_cluster_identifier,
            db_cluster_resource_id: listed.db_cluster_resource_id,
            allocated_storage: listed.allocated_storage,
            created_on: listed.snapshot_create_time.as_ref().and_then(millis),
        },
    )
    .tags(tag_pairs(listed.tag_list))
    .web_link(cx.console(format_args!("rds/home?region={}#db-cluster-snapshot:id={id}", cx.region())))
    .unknown(&sharing, &["public", "shared", "sharedWithAccounts"]);
}
