//! Snapshots of database instances.

use aws_sdk_rds::types::DbSnapshot;
use orgraph_collect::prelude::*;

use super::{Asked, Sharing, is_available, tag_pairs};

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
#[expect(clippy::struct_field_names, reason = "fields are named as the properties are")]
struct Snapshot {
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
    /// The identifier that the instance had.
    db_instance_identifier: Option<String>,
    /// The identifier of the instance that stays the same when it is renamed.
    dbi_resource_id: Option<String>,
    /// The size of the instance's storage, in GiB.
    allocated_storage: Option<i32>,
    /// When it was taken, in milliseconds since the epoch.
    created_on: Option<i64>,
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
            snapshot(cx, out, listed, asked);
        }
    }
    Ok(())
}

async fn sharing(rds: &aws_sdk_rds::Client, listed: &DbSnapshot) -> Result<Asked, CollectError> {
    if listed.snapshot_type() != Some("manual") {
        return Ok(Asked::nothing());
    }
    let request = rds
        .describe_db_snapshot_attributes()
        .set_db_snapshot_identifier(listed.db_snapshot_identifier.clone());
    let answer = detail(request.send().await)?;
    Ok(Asked::from("DescribeDBSnapshotAttributes", answer, |it| {
        let attributes = it.db_snapshot_attributes_result?.db_snapshot_attributes;
        let attributes = attributes.unwrap_or_default().into_iter();
        Some(Sharing::of(attributes.map(|it| (it.attribute_name, it.attribute_values))))
    }))
}

fn snapshot(cx: &Cx, out: &mut Batch, listed: DbSnapshot, asked: Asked) {
    let (Some(arn), Some(id)) = (listed.db_snapshot_arn, listed.db_snapshot_identifier) else {
        return out.skip(None, "a database snapshot without an ARN or an identifier");
    };
    let Asked::Sharing(sharing) = asked else {
        return out.skip(Some(arn.into()), "a database snapshot deleted while it was read");
    };
    let snapshot = AWS_DB_SNAPSHOT.at(&arn);
    match (&listed.dbi_resource_id, &listed.db_instance_identifier) {
        // The name may belong to a newer instance by now; the resource ID never does.
        (Some(resource), _) => {
            out.find_source(AWS_DB_INSTANCE, "dbiResourceId", resource, Contains, snapshot);
        }
        (None, Some(name)) => {
            let instance = AWS_DB_INSTANCE.at(cx.arn("rds", format_args!("db:{name}")));
            out.link(instance, Contains, snapshot);
        }
        (None, None) => {}
    }

    out.add(
        &arn,
        &id,
        &Snapshot {
            id: id.clone(),
            encrypted: listed.encrypted,
            kms_key_id: listed.kms_key_id,
            public: sharing.known().map(|it| it.everybody),
            shared: sharing.known().map(|it| !it.accounts.is_empty()),
            shared_with_accounts: sharing.known().map(|it| it.accounts.clone()),
            snapshot_type: listed.snapshot_type,
            active: is_available(listed.status.as_deref()),
            status: listed.status,
            engine: listed.engine,
            engine_version: listed.engine_version,
            db_instance_identifier: listed.db_instance_identifier,
            dbi_resource_id: listed.dbi_resource_id,
            allocated_storage: listed.allocated_storage,
            created_on: listed.snapshot_create_time.as_ref().and_then(millis),
        },
    )
    .tags(tag_pairs(listed.tag_list))
    .web_link(cx.console(format_args!("rds/home?region={}#db-snapshot:id={id}", cx.region())))
    .unknown(&sharing, &["public", "shared", "sharedWithAccounts"]);
}
