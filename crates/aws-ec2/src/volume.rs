//! EBS volumes.

use aws_sdk_ec2::types::Volume as Listed;
use orgraph_collect::prelude::*;

use crate::keys;
use crate::shape::{PAGE_SIZE, console_page, filled, sorted, tagged};

pub(crate) static VOLUMES: Collector = Collector {
    name: "ec2_volumes",
    service: Service::EC2,
    scope: Scope::Region,
    calls: &[call("DescribeVolumes")],
    entities: &[entity::<Volume>()],
    relationships: &[
        rel(AWS_EC2, Has, AWS_EBS_VOLUME),
        rel(AWS_EBS_VOLUME, Uses, AWS_EBS_SNAPSHOT),
        rel(AWS_EBS_VOLUME, Uses, AWS_KMS_KEY),
    ],
    collect: |cx, out| Box::pin(volumes(cx, out)),
};

/// A block storage volume.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "AWS and the queries of users name the properties")]
struct Volume {
    /// The volume's ID.
    id: String,
    /// The volume's ID, under its own name.
    volume_id: String,
    /// Whether it is encrypted at rest.
    encrypted: Option<bool>,
    /// The ARN of the key that encrypts it.
    kms_key_id: Option<String>,
    /// `in-use`, `available`, `creating`, `deleting` and so on.
    state: Option<String>,
    /// Whether it is attached.
    active: Option<bool>,
    /// Whether it is attached, under a plainer name.
    in_use: Option<bool>,
    /// Its size, in GiB.
    size: Option<i32>,
    /// `gp3`, `io2`, `st1` and so on.
    volume_type: Option<String>,
    /// Input and output operations per second that it is made for.
    iops: Option<i32>,
    /// The snapshot it was made from; `null` when it began empty.
    snapshot_id: Option<String>,
    /// The instances it is attached to.
    attached_instance_ids: Vec<String>,
    /// The availability zone it lives in.
    availability_zone: Option<String>,
    /// When it was made, in milliseconds since the epoch.
    created_on: Option<i64>,
}

impl Entity for Volume {
    const TYPE: EntityType = AWS_EBS_VOLUME;
}

async fn volumes(cx: &Cx, out: &mut Batch) -> Result<(), CollectError> {
    let ec2 = client!(aws_sdk_ec2, EC2, cx);
    let mut pages = pages!(cx, ec2.describe_volumes().max_results(PAGE_SIZE), next_token);
    while let Some(page) = pages.next().await? {
        for listed in page.volumes.unwrap_or_default() {
            volume(cx, out, listed);
        }
    }
    Ok(())
}

fn volume(cx: &Cx, out: &mut Batch, listed: Listed) {
    let Some(id) = listed.volume_id else {
        return out.skip(None, "a volume without an ID");
    };
    if !cx.owns(listed.owner_id.as_deref()) {
        return;
    }
    let volume = keys::volume(cx, None, &id);
    let snapshot_id = filled(listed.snapshot_id);
    let kms_key_id = filled(listed.kms_key_id);
    let in_use = listed.state.as_ref().map(|it| it.as_str() == "in-use");

    out.add(
        &volume.key,
        &id,
        &Volume {
            id: id.clone(),
            volume_id: id.clone(),
            encrypted: listed.encrypted,
            kms_key_id: kms_key_id.clone(),
            state: listed.state.map(|it| it.as_str().to_owned()),
            active: in_use,
            in_use,
            size: listed.size,
            volume_type: listed.volume_type.map(|it| it.as_str().to_owned()),
            iops: listed.iops,
            snapshot_id: snapshot_id.clone(),
            attached_instance_ids: sorted(
                listed.attachments.unwrap_or_default().into_iter().filter_map(|it| it.instance_id),
            ),
            availability_zone: listed.availability_zone,
            created_on: listed.create_time.as_ref().and_then(millis),
        },
    )
    .tags(tagged(listed.tags))
    .web_link(console_page(cx, "ec2", "VolumeDetails:volumeId", &id));

    if let Some(snapshot_id) = snapshot_id {
        // It may be another account's, which the ARN does not tell: its ARN names no account.
        out.link(volume.clone(), Uses, keys::snapshot(cx, &snapshot_id));
    }
    if let Some(key) = kms_key_id {
        // It may be another account's, and its ARN is its key there too.
        out.link(volume, Uses, AWS_KMS_KEY.at(key));
    }
}
