//! Amazon WorkSpaces.

mod bundle;

use std::collections::{BTreeSet, HashMap};

use aws_sdk_workspaces::Client;
use aws_sdk_workspaces::types::Workspace as Listed;
use orgraph_collect::prelude::*;

pub(crate) static WORKSPACES: Collector = Collector {
    name: "workspaces_workspaces",
    service: Service::WORKSPACES,
    scope: Scope::Region,
    calls: &[
        call("DescribeWorkspaces").lists("Workspaces"),
        call("DescribeWorkspaceDirectories").lists("Directories"),
        call("DescribeTags").lists("TagList"),
        call("DescribeWorkspaceBundles").lists("Bundles"),
    ],
    entities: &[entity::<Workspace>(), entity::<bundle::Bundle>()],
    relationships: &[
        rel(AWS_WORKSPACES, Has, AWS_WORKSPACE),
        rel(AWS_WORKSPACES, Has, AWS_WORKSPACES_BUNDLE),
        rel(AWS_WORKSPACE, Uses, AWS_WORKSPACES_BUNDLE),
        rel(AWS_SUBNET, Has, AWS_WORKSPACE),
        rel(AWS_SECURITY_GROUP, Protects, AWS_WORKSPACE),
    ],
    collect: |cx, out| Box::pin(workspaces(cx, out)),
};

/// A virtual desktop.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Workspace {
    /// The `WorkSpace`'s ID.
    id: String,
    /// The name of the computer in its directory.
    hostname: Option<String>,
    /// `AVAILABLE`, `STOPPED`, `SUSPENDED` and so on.
    state: Option<String>,
    /// Whether it can be used.
    active: Option<bool>,
    /// The user it is for.
    username: Option<String>,
    /// The bundle it was made from.
    bundle_id: Option<String>,
    /// The directory that it and its user are in.
    directory_id: Option<String>,
    /// The subnet it is in.
    subnet_id: Option<String>,
    /// Its address in that subnet.
    private_ip_address: Option<String>,
    /// Whether both of its volumes are encrypted at rest.
    encrypted: bool,
    /// Whether the volume of its user is encrypted at rest.
    user_volume_encrypted: bool,
    /// Whether the volume of its operating system is encrypted at rest.
    root_volume_encrypted: bool,
    /// The key that encrypts its volumes.
    kms_key_id: Option<String>,
    /// How powerful it is, such as `STANDARD` or `GRAPHICS_G4DN`.
    compute_type: Option<String>,
    /// `AUTO_STOP`, `ALWAYS_ON` or `MANUAL`.
    running_mode: Option<String>,
}

impl Entity for Workspace {
    const TYPE: EntityType = AWS_WORKSPACE;
}

/// The security group of each directory's `WorkSpaces`.
type Groups = HashMap<String, String>;

async fn workspaces(cx: &Cx, out: &mut Batch) -> Result<(), CollectError> {
    let workspaces = client!(aws_sdk_workspaces, WORKSPACES, cx);
    let listing = pages!(cx, workspaces.describe_workspaces(), next_token);
    let listed = listing.all(|it| it.workspaces).await?;
    let groups = detail_pages(groups(cx, &workspaces).await)?.map(Option::unwrap_or_default);
    let used: BTreeSet<String> = listed.iter().filter_map(|it| it.bundle_id.clone()).collect();
    let tagged = |listed: Listed| async {
        let id = listed.workspace_id().unwrap_or_default();
        let tags = detail(workspaces.describe_tags().resource_id(id).send().await)?;
        let tags = tags.map(|it| {
            let tags = it.and_then(|it| it.tag_list).unwrap_or_default();
            tags.into_iter().map(|it| (it.key, it.value.unwrap_or_default())).collect::<Vec<_>>()
        });
        Ok::<_, CollectError>((listed, tags))
    };
    for tagged in cx.concurrently(listed, tagged).await {
        let (listed, tags) = tagged?;
        workspace(cx, out, listed, &tags, &groups);
    }
    bundle::bundles(cx, out, &workspaces, used).await
}

async fn groups(cx: &Cx, workspaces: &Client) -> Result<Groups, CollectError> {
    let directories = pages!(cx, workspaces.describe_workspace_directories(), next_token);
    let directories = directories.all(|it| it.directories).await?;
    let groups = directories.into_iter().map(|it| Some((it.directory_id?, it.workspace_security_group_id?)));
    Ok(groups.flatten().collect())
}

fn workspace(
    cx: &Cx,
    out: &mut Batch,
    listed: Listed,
    tags: &Detail<Vec<(String, String)>>,
    groups: &Detail<Groups>,
) {
    let Some(id) = listed.workspace_id else {
        return out.skip(None, "a WorkSpace without an ID");
    };
    let workspace = AWS_WORKSPACE.at(cx.arn("workspaces", format_args!("workspace/{id}")));
    // AWS leaves the flag of a volume out that is not encrypted.
    let user_volume_encrypted = listed.user_volume_encryption_enabled.unwrap_or_default();
    let root_volume_encrypted = listed.root_volume_encryption_enabled.unwrap_or_default();
    let settings = listed.workspace_properties;
    let compute_type = settings.as_ref().and_then(|it| it.compute_type_name.as_ref());
    let running_mode = settings.as_ref().and_then(|it| it.running_mode.as_ref());

    out.add(
        &workspace.key,
        &id,
        &Workspace {
            id: id.clone(),
            hostname: listed.computer_name,
            active: listed.state.as_ref().map(|it| it.as_str() == "AVAILABLE"),
            state: listed.state.map(|it| it.as_str().to_owned()),
            username: listed.user_name,
            bundle_id: listed.bundle_id.clone(),
            directory_id: listed.directory_id.clone(),
            subnet_id: listed.subnet_id.clone(),
            private_ip_address: listed.ip_address,
            encrypted: user_volume_encrypted && root_volume_encrypted,
            user_volume_encrypted,
            root_volume_encrypted,
            kms_key_id: listed.volume_encryption_key,
            compute_type: compute_type.map(|it| it.as_str().to_owned()),
            running_mode: running_mode.map(|it| it.as_str().to_owned()),
        },
    )
    .tags(tags.known().cloned().unwrap_or_default())
    .web_link(cx.console(format_args!("workspaces/v2/workspaces/{id}?region={}", cx.region())))
    .unknown(tags, &["tags"])
    // Feeds no property, but the relationship from the security group.
    .unknown(groups, &[]);

    if let Some(bundle) = listed.bundle_id {
        out.link(workspace.clone(), Uses, bundle::bundle_ref(cx, &bundle));
    }
    if let Some(subnet) = listed.subnet_id {
        // The subnet may be shared by another account, whose number is not in the answer.
        out.find_source(AWS_SUBNET, "id", &subnet, Has, workspace.clone());
    }
    let group = groups.known().and_then(|it| it.get(listed.directory_id.as_deref()?));
    if let Some(group) = group {
        let group = AWS_SECURITY_GROUP.at(cx.arn("ec2", format_args!("security-group/{group}")));
        out.link(group, Protects, workspace);
    }
}
