//! Machine images that the account owns.

use aws_sdk_ec2::types::{Image as Listed, PlatformValues};
use orgraph_collect::prelude::*;

use crate::keys;
use crate::shape::{PAGE_SIZE, console_page, platform, sorted, tagged};

pub(crate) static IMAGES: Collector = Collector {
    name: "ec2_images",
    service: Service::EC2,
    scope: Scope::Region,
    calls: &[call("DescribeImages")],
    entities: &[entity::<Image>()],
    relationships: &[rel(AWS_EC2, Has, AWS_AMI)],
    collect: |cx, out| Box::pin(images(cx, out)),
};

/// A machine image that the account owns. Images of others are not listed, even when they are used.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "AWS and the queries of users name the properties")]
struct Image {
    /// The image's ID.
    id: String,
    /// The image's ID, under its own name.
    image_id: String,
    /// The account that owns it.
    owner_id: Option<String>,
    /// Whether anybody may launch it.
    public: Option<bool>,
    /// `available`, `pending`, `failed`, `disabled` and so on.
    state: Option<String>,
    /// Whether it can be launched.
    active: Option<bool>,
    /// The instruction set, such as `arm64`.
    architecture: Option<String>,
    /// `windows`, `darwin` or `linux`.
    platform: String,
    /// `hvm` or `paravirtual`.
    virtualization_type: Option<String>,
    /// `ebs` or `instance-store`.
    root_device_type: Option<String>,
    /// The snapshots that its volumes are made from.
    snapshot_ids: Vec<String>,
    /// Whether all its volumes are encrypted; `null` when it has none.
    encrypted: Option<bool>,
    /// When it was made, in milliseconds since the epoch.
    created_on: Option<i64>,
    /// When it is deprecated, in milliseconds since the epoch.
    deprecated_on: Option<i64>,
    /// What its owner says about it.
    description: Option<String>,
}

impl Entity for Image {
    const TYPE: EntityType = AWS_AMI;
}

async fn images(cx: &Cx, out: &mut Batch) -> Result<(), CollectError> {
    let ec2 = client!(aws_sdk_ec2, EC2, cx);
    // Without it a disabled image would look like a deleted one.
    let request = ec2.describe_images().owners("self").include_disabled(true).max_results(PAGE_SIZE);
    let mut pages = pages!(cx, request, next_token);
    while let Some(page) = pages.next().await? {
        for listed in page.images.unwrap_or_default() {
            image(cx, out, listed);
        }
    }
    Ok(())
}

fn image(cx: &Cx, out: &mut Batch, listed: Listed) {
    let Some(id) = listed.image_id else {
        return out.skip(None, "an image without an ID");
    };
    if !cx.owns(listed.owner_id.as_deref()) {
        return;
    }
    let disks: Vec<_> =
        listed.block_device_mappings.unwrap_or_default().into_iter().filter_map(|it| it.ebs).collect();
    let architecture = listed.architecture.map(|it| it.as_str().to_owned());
    let windows = listed.platform.as_ref().map(PlatformValues::as_str);
    let name = listed.name.unwrap_or_else(|| id.clone());

    out.add(
        keys::image(cx, &id).key,
        &name,
        &Image {
            id: id.clone(),
            image_id: id.clone(),
            owner_id: listed.owner_id,
            public: listed.public,
            active: listed.state.as_ref().map(|it| it.as_str() == "available"),
            state: listed.state.map(|it| it.as_str().to_owned()),
            platform: platform(windows, architecture.as_deref()),
            architecture,
            virtualization_type: listed.virtualization_type.map(|it| it.as_str().to_owned()),
            root_device_type: listed.root_device_type.map(|it| it.as_str().to_owned()),
            encrypted: all_encrypted(disks.iter().map(|it| it.encrypted)),
            snapshot_ids: sorted(disks.into_iter().filter_map(|it| it.snapshot_id)),
            created_on: listed.creation_date.as_deref().and_then(iso_millis),
            deprecated_on: listed.deprecation_time.as_deref().and_then(iso_millis),
            description: listed.description,
        },
    )
    .tags(tagged(listed.tags))
    .web_link(console_page(cx, "ec2", "ImageDetails:imageId", &id));
}

/// One disk in the clear is enough for "no"; one that AWS says nothing about is enough for "unknown".
fn all_encrypted(disks: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let disks: Vec<_> = disks.collect();
    if disks.contains(&Some(false)) {
        return Some(false);
    }
    (!disks.is_empty() && disks.iter().all(Option::is_some)).then_some(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_is_encrypted_when_every_disk_is() {
        let check = |disks: &[Option<bool>], expected| {
            assert_eq!(all_encrypted(disks.iter().copied()), expected, "{disks:?}");
        };

        check(&[Some(true), Some(true)], Some(true));
        check(&[Some(true), Some(false)], Some(false));
        check(&[None, Some(false)], Some(false));
        check(&[Some(true), None], None);
        check(&[], None);
    }
}
