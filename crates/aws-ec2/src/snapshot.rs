//! EBS snapshots that the account owns.

use aws_sdk_ec2::types::{CreateVolumePermission, Snapshot as Listed, SnapshotAttributeName};
use orgraph_collect::prelude::*;

use crate::keys;
use crate::shape::{PAGE_SIZE, console_page, filled, sorted, tagged};

pub(crate) static SNAPSHOTS: Collector = Collector {
    name: "ec2_snapshots",
    service: Service::EC2,
    scope: Scope::Region,
    calls: &[call("DescribeSnapshots"), call("DescribeSnapshotAttribute")],
    entities: &[entity::<Snapshot>()],
    relationships: &[rel(AWS_EC2, Has, AWS_EBS_SNAPSHOT), rel(AWS_EBS_VOLUME, Has, AWS_EBS_SNAPSHOT)],
    collect: |cx, out| Box::pin(snapshots(cx, out)),
};

/// With more snapshots than this in a region, nobody asks each one with whom it is shared.
const MAX_ASKED: usize = 1000;

/// What AWS writes for the volume of a snapshot that was copied or imported.
const NO_VOLUME: &str = "vol-ffffffff";

/// A snapshot of a volume that the account owns. Its blocks are never read.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "AWS and the queries of users name the properties")]
struct Snapshot {
    /// The snapshot's ID.
    id: String,
    /// The snapshot's ID, under its own name.
    snapshot_id: String,
    /// Whether it is encrypted at rest.
    encrypted: Option<bool>,
    /// The ARN of the key that encrypts it.
    kms_key_id: Option<String>,
    /// The volume it was taken of; `null` for a copy or an import.
    volume_id: Option<String>,
    /// The account that owns it.
    owner_id: Option<String>,
    /// `completed`, `pending`, `error` and so on.
    state: Option<String>,
    /// Whether it is complete.
    active: Option<bool>,
    /// The size of the volume, in GiB.
    size: Option<i32>,
    /// When it was begun, in milliseconds since the epoch.
    created_on: Option<i64>,
    #[serde(flatten)]
    sharing: Option<Sharing>,
}

/// Left out as a whole where it was not asked.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Sharing {
    /// Whether anybody may make a volume of it. Absent in a region with more than 1000 snapshots.
    public: bool,
    /// Whether some other account may make a volume of it. Absent in a region with more than 1000 snapshots.
    shared: bool,
    /// The accounts that may make a volume of it. Absent in a region with more than 1000 snapshots.
    shared_with_accounts: Vec<String>,
    /// The same accounts, under the name that AWS uses. Absent in a region with more than 1000 snapshots.
    restorable_by_user_ids: Vec<String>,
}

impl Entity for Snapshot {
    const TYPE: EntityType = AWS_EBS_SNAPSHOT;
}

async fn snapshots(cx: &Cx, out: &mut Batch) -> Result<(), CollectError> {
    let ec2 = client!(aws_sdk_ec2, EC2, cx);
    let request = ec2.describe_snapshots().owner_ids("self").max_results(PAGE_SIZE);
    let all = pages!(cx, request, next_token).all(|it| it.snapshots).await?;
    if all.len() > MAX_ASKED {
        for listed in all {
            snapshot(cx, out, listed, &Detail::Known(None));
        }
        return Ok(());
    }
    let details = |listed: Listed| async {
        let request = ec2
            .describe_snapshot_attribute()
            .attribute(SnapshotAttributeName::CreateVolumePermission)
            .snapshot_id(listed.snapshot_id.as_deref().unwrap_or_default());
        let permissions = detail(request.send().await)?;
        let permissions = permissions.map(|it| it.map(|it| it.create_volume_permissions.unwrap_or_default()));
        Ok::<_, CollectError>((listed, permissions))
    };
    for detailed in cx.concurrently(all, details).await {
        let (listed, permissions) = detailed?;
        snapshot(cx, out, listed, &permissions);
    }
    Ok(())
}

fn snapshot(
    cx: &Cx,
    out: &mut Batch,
    listed: Listed,
    permissions: &Detail<Option<Vec<CreateVolumePermission>>>,
) {
    let Some(id) = listed.snapshot_id else {
        return out.skip(None, "a snapshot without an ID");
    };
    if !cx.owns(listed.owner_id.as_deref()) {
        return;
    }
    let snapshot = keys::snapshot(cx, &id);
    let volume_id = filled(listed.volume_id).filter(|it| it != NO_VOLUME);

    out.add(
        &snapshot.key,
        &id,
        &Snapshot {
            id: id.clone(),
            snapshot_id: id.clone(),
            encrypted: listed.encrypted,
            kms_key_id: listed.kms_key_id,
            volume_id: volume_id.clone(),
            owner_id: listed.owner_id,
            active: listed.state.as_ref().map(|it| it.as_str() == "completed"),
            state: listed.state.map(|it| it.as_str().to_owned()),
            size: listed.volume_size,
            created_on: listed.start_time.as_ref().and_then(millis),
            sharing: permissions.known().and_then(|it| it.as_deref()).map(sharing),
        },
    )
    .tags(tagged(listed.tags))
    .web_link(console_page(cx, "ec2", "SnapshotDetails:snapshotId", &id))
    .unknown(permissions, &["public", "shared", "sharedWithAccounts", "restorableByUserIds"]);

    if let Some(volume_id) = volume_id {
        out.link(keys::volume(cx, None, &volume_id), Has, snapshot);
    }
}

fn sharing(permissions: &[CreateVolumePermission]) -> Sharing {
    let accounts = sorted(permissions.iter().filter_map(|it| it.user_id.clone()));
    Sharing {
        public: permissions.iter().any(|it| it.group.as_ref().is_some_and(|it| it.as_str() == "all")),
        shared: !accounts.is_empty(),
        shared_with_accounts: accounts.clone(),
        restorable_by_user_ids: accounts,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use orgraph_collect::replay::{self, Answer};
    use orgraph_collect::{Facts, run};
    use orgraph_model::Status;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_thousand_and_one_snapshots_are_not_asked_with_whom_they_are_shared() {
        let asked_each = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&asked_each);
        let session = replay::session(move |asked| {
            if asked.operation == "DescribeSnapshotAttribute" {
                counted.fetch_add(1, Ordering::Relaxed);
            }
            let items: Vec<_> = (0..=MAX_ASKED)
                .map(|it| format!("<item><snapshotId>snap-{it}</snapshotId></item>"))
                .collect();
            let items = items.concat();
            Answer::ok(format!(
                "<DescribeSnapshotsResponse><snapshotSet>{items}</snapshotSet></DescribeSnapshotsResponse>"
            ))
        })
        .await;

        let region = replay::REGION.parse().expect("a region");
        let facts = Arc::new(Facts::default());
        let snapshot = run::run(&SNAPSHOTS, &session, &region, &facts, chrono::DateTime::UNIX_EPOCH).await;

        assert_eq!(snapshot.outcome.status, Status::Complete);
        assert_eq!(snapshot.entities.len(), MAX_ASKED + 1);
        assert_eq!(asked_each.load(Ordering::Relaxed), 0);
        let properties = &snapshot.entities[0].properties;
        assert!(properties.contains_key("snapshotId"));
        for absent in ["public", "shared", "sharedWithAccounts", "restorableByUserIds"] {
            assert!(!properties.contains_key(absent), "{absent}");
        }
    }
}
