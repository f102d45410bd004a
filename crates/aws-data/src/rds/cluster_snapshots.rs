//! Snapshots of database clusters.

use aws_sdk_rds::Client;
use aws_sdk_rds::types::DbClusterSnapshot;
use orgraph_collect::prelude::*;

use super::snapshot::{Asked, Listed, Origin, Settings, Sharing, not_shared, snapshot};
use crate::shape::{always, while_there};

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
    #[serde(flatten)]
    settings: Settings,
    /// The identifier that the cluster had.
    db_cluster_identifier: Option<String>,
    /// The identifier of the cluster that stays the same when it is renamed.
    db_cluster_resource_id: Option<String>,
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
            cluster_snapshot(cx, out, listed, asked);
        }
    }
    Ok(())
}

async fn sharing(rds: &Client, listed: &DbClusterSnapshot) -> Result<Asked, CollectError> {
    if listed.snapshot_type() != Some("manual") {
        return Ok(Some(not_shared()));
    }
    let request = rds
        .describe_db_cluster_snapshot_attributes()
        .set_db_cluster_snapshot_identifier(listed.db_cluster_snapshot_identifier.clone());
    let answer = detail(request.send().await)?;
    Ok(while_there(always("DescribeDBClusterSnapshotAttributes", answer, |it| {
        let attributes = it.db_cluster_snapshot_attributes_result?.db_cluster_snapshot_attributes;
        let attributes = attributes.unwrap_or_default().into_iter();
        Some(Sharing::of(attributes.map(|it| (it.attribute_name, it.attribute_values))))
    })))
}

fn cluster_snapshot(cx: &Cx, out: &mut Batch, listed: DbClusterSnapshot, asked: Asked) {
    let (db_cluster_identifier, db_cluster_resource_id) =
        (listed.db_cluster_identifier, listed.db_cluster_resource_id);
    let origin = Origin {
        entity_type: AWS_RDS_CLUSTER,
        property: "dbClusterResourceId",
        resource_id: db_cluster_resource_id.as_deref(),
        named: db_cluster_identifier.as_ref().map(|it| cx.arn("rds", format_args!("cluster:{it}"))),
    };
    let common = Listed {
        arn: listed.db_cluster_snapshot_arn,
        id: listed.db_cluster_snapshot_identifier,
        encrypted: listed.storage_encrypted,
        kms_key_id: listed.kms_key_id,
        snapshot_type: listed.snapshot_type,
        status: listed.status,
        engine: listed.engine,
        engine_version: listed.engine_version,
        allocated_storage: listed.allocated_storage,
        created_on: listed.snapshot_create_time.as_ref().and_then(millis),
        tags: listed.tag_list,
    };
    snapshot(cx, out, common, asked, origin, "db-cluster-snapshot", |settings| ClusterSnapshot {
        settings,
        db_cluster_identifier: db_cluster_identifier.clone(),
        db_cluster_resource_id: db_cluster_resource_id.clone(),
    });
}
