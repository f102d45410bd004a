//! Bundles: the account's own, and those of AWS that a `WorkSpace` was made from.

use std::collections::BTreeSet;

use aws_sdk_workspaces::Client;
use aws_sdk_workspaces::types::WorkspaceBundle;
use orgraph_collect::prelude::*;

/// How many bundles can be asked for by ID at once.
const BATCH_SIZE: usize = 25;

/// What a `WorkSpace` is made from: an image, a size of computer and sizes of volumes.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Bundle {
    /// The bundle's ID.
    id: String,
    /// What it is for.
    description: Option<String>,
    /// The account that has made it, or `AMAZON`.
    owner: Option<String>,
    /// The image that its `WorkSpaces` start with.
    image_id: Option<String>,
    /// How powerful its `WorkSpaces` are, such as `STANDARD` or `GRAPHICS_G4DN`.
    compute_type: Option<String>,
    /// The size of the volume of the operating system, in GiB.
    root_storage: Option<String>,
    /// The size of the volume of the user, in GiB.
    user_storage: Option<String>,
    /// `AVAILABLE`, `PENDING` or `ERROR`; `null` where AWS names none.
    state: Option<String>,
    /// When it was made, in milliseconds since the epoch.
    created_on: Option<i64>,
    /// When it was last changed, in milliseconds since the epoch.
    updated_on: Option<i64>,
}

impl Entity for Bundle {
    const TYPE: EntityType = AWS_WORKSPACES_BUNDLE;
}

/// The key names the account that uses it, also for a bundle of AWS.
pub(super) fn bundle_ref(cx: &Cx, id: &str) -> Ref {
    AWS_WORKSPACES_BUNDLE.at(cx.arn("workspaces", format_args!("workspacebundle/{id}")))
}

pub(super) async fn bundles(
    cx: &Cx,
    out: &mut Batch,
    workspaces: &Client,
    mut used: BTreeSet<String>,
) -> Result<(), CollectError> {
    // Without an owner these are the account's own.
    let own = pages!(cx, workspaces.describe_workspace_bundles(), next_token);
    match detail_pages(own.all(|it| it.bundles).await)? {
        Detail::Known(own) => {
            for listed in own.unwrap_or_default() {
                if let Some(id) = listed.bundle_id() {
                    used.remove(id);
                }
                bundle(cx, out, listed);
            }
        }
        // The desktops are written all the same, and no bundle is taken for deleted.
        Detail::Unknown(error) => out.incomplete(&error),
    }
    let others: Vec<String> = used.into_iter().collect();
    for batch in others.chunks(BATCH_SIZE) {
        let asked = workspaces.describe_workspace_bundles().set_bundle_ids(Some(batch.to_vec()));
        let found = detail_pages(pages!(cx, asked, next_token).all(|it| it.bundles).await)?;
        for id in batch {
            out.keep(bundle_ref(cx, id).key, &found);
        }
        for listed in found.known().cloned().flatten().unwrap_or_default() {
            bundle(cx, out, listed);
        }
    }
    Ok(())
}

fn bundle(cx: &Cx, out: &mut Batch, listed: WorkspaceBundle) {
    let Some(id) = listed.bundle_id else {
        return out.skip(None, "a bundle without an ID");
    };
    let name = listed.name.unwrap_or_else(|| id.clone());
    let compute_type = listed.compute_type.and_then(|it| it.name);

    out.add(
        bundle_ref(cx, &id).key,
        name,
        &Bundle {
            description: listed.description.filter(|it| !it.is_empty()),
            owner: listed.owner,
            image_id: listed.image_id,
            compute_type: compute_type.map(|it| it.as_str().to_owned()),
            root_storage: listed.root_storage.map(|it| it.capacity),
            user_storage: listed.user_storage.map(|it| it.capacity),
            state: listed.state.map(|it| it.as_str().to_owned()),
            created_on: listed.creation_time.as_ref().and_then(millis),
            updated_on: listed.last_updated_time.as_ref().and_then(millis),
            id: id.clone(),
        },
    )
    .web_link(cx.console(format_args!("workspaces/v2/bundles/{id}?region={}", cx.region())));
}
