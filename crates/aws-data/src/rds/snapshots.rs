//! Snapshots of database instances.

use aws_sdk_rds::Client;
use aws_sdk_rds::types::DbSnapshot;
use orgraph_collect::prelude::*;

use super::snapshot::{Asked, Listed, Origin, Settings, Sharing, not_shared, snapshot};
use crate::shape::{always, while_there};

pub(crate) static SNAPSHOTS: Collector = Collector {
    name: "rds_snapshots",
    service: Service::RDS,
    scope: Scope::Region,
    calls: &[call("DescribeDBSnapshots"), call("DescribeDBSnapshotAttributes")],
    entities: &[entity::<Snapshot>()],
    relationships: &[rel(AWS_RDS, Has, AWS_DB_SNAPSHOT), rel(AWS_DB_INSTANCE, Contains, AWS_DB_SNAPSHOT)],
    collect: |cx, out| Box::pin(snapshots(cx, out)),
};

/// A snapshot of a database instance, taken by hand, by the daily backup or by AWS Backup.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Snapshot {
    #[serde(flatten)]
    settings: Settings,
    /// The identifier that the instance had.
    db_instance_identifier: Option<String>,
    /// The identifier of the instance that stays the same when it is renamed.
    dbi_resource_id: Option<String>,
}

impl Entity for Snapshot {
    const TYPE: EntityType = AWS_DB_SNAPSHOT;
}

async fn snapshots(cx: &Cx, out: &mut Batch) -> Result<(), CollectError> {
    let rds = client!(aws_sdk_rds, RDS, cx);
    let mut pages = pages!(cx, rds.describe_db_snapshots(), marker);
    while let Some(page) = pages.next().await? {
        let details = |listed: DbSnapshot| async {
            let asked = sharing(&rds, &listed).await?;
            Ok::<_, CollectError>((listed, asked))
        };
        for detailed in cx.concurrently(page.db_snapshots.unwrap_or_default(), details).await {
            let (listed, asked) = detailed?;
            instance_snapshot(cx, out, listed, asked);
        }
    }
    Ok(())
}

async fn sharing(rds: &Client, listed: &DbSnapshot) -> Result<Asked, CollectError> {
    if listed.snapshot_type() != Some("manual") {
        return Ok(Some(not_shared()));
    }
    let request = rds
        .describe_db_snapshot_attributes()
        .set_db_snapshot_identifier(listed.db_snapshot_identifier.clone());
    let answer = detail(request.send().await)?;
    Ok(while_there(always("DescribeDBSnapshotAttributes", answer, |it| {
        let attributes = it.db_snapshot_attributes_result?.db_snapshot_attributes;
        let attributes = attributes.unwrap_or_default().into_iter();
        Some(Sharing::of(attributes.map(|it| (it.attribute_name, it.attribute_values))))
    })))
}

fn instance_snapshot(cx: &Cx, out: &mut Batch, listed: DbSnapshot, asked: Asked) {
    let (db_instance_identifier, dbi_resource_id) = (listed.db_instance_identifier, listed.dbi_resource_id);
    let origin = Origin {
        entity_type: AWS_DB_INSTANCE,
        property: "dbiResourceId",
        resource_id: dbi_resource_id.as_deref(),
        named: db_instance_identifier.as_ref().map(|it| cx.arn("rds", format_args!("db:{it}"))),
    };
    let common = Listed {
        arn: listed.db_snapshot_arn,
        id: listed.db_snapshot_identifier,
        encrypted: listed.encrypted,
        kms_key_id: listed.kms_key_id,
        snapshot_type: listed.snapshot_type,
        status: listed.status,
        engine: listed.engine,
        engine_version: listed.engine_version,
        allocated_storage: listed.allocated_storage,
        created_on: listed.snapshot_create_time.as_ref().and_then(millis),
        tags: listed.tag_list,
    };
    snapshot(cx, out, common, asked, origin, "db-snapshot", |settings| Snapshot {
        settings,
        db_instance_identifier: db_instance_identifier.clone(),
        dbi_resource_id: dbi_resource_id.clone(),
    });
}
