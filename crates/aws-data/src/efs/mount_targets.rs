//! Mount targets: the network interface that a file system has in a subnet.

use aws_sdk_efs::Client;
use aws_sdk_efs::types::MountTargetDescription;
use orgraph_collect::prelude::*;

use crate::links::link_groups;
use crate::shape::{is_available, while_there};

/// The address of a file system in one subnet.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct MountTarget {
    /// The mount target's ID.
    id: String,
    /// Its IPv4 address.
    ip_address: Option<String>,
    /// The file system that it reaches.
    file_system_id: String,
    /// The subnet it is in.
    subnet_id: String,
    /// The VPC it is in.
    vpc_id: Option<String>,
    /// Its network interface.
    network_interface_id: Option<String>,
    /// The availability zone it is in.
    availability_zone: Option<String>,
    /// The state, such as `available` or `creating`.
    state: String,
    /// Whether the state is `available`.
    active: Option<bool>,
    /// The account that owns it.
    owner_id: Option<String>,
    /// The security groups of its network interface.
    security_group_ids: Option<Vec<String>>,
}

impl Entity for MountTarget {
    const TYPE: EntityType = AWS_EFS_MOUNT_TARGET;
}

/// The security groups of one mount target; `None` when it has been deleted since it was listed.
type Groups = Option<Detail<Vec<String>>>;

/// The mount targets of the file system `id`, each with its security groups.
pub(super) async fn mount_targets(
    cx: &Cx,
    efs: &Client,
    id: &str,
) -> Result<Detail<Vec<(MountTargetDescription, Groups)>>, CollectError> {
    let request = efs.describe_mount_targets().file_system_id(id);
    let listed = match detail_pages(pages!(cx, request, next_marker).all(|it| it.mount_targets).await)? {
        Detail::Known(listed) => listed.unwrap_or_default(),
        Detail::Unknown(error) => return Ok(Detail::Unknown(error)),
    };
    let mut targets = Vec::with_capacity(listed.len());
    for target in listed {
        let request = efs.describe_mount_target_security_groups().mount_target_id(&target.mount_target_id);
        let groups = detail(request.send().await)?;
        targets.push((target, while_there(groups.map(|it| it.map(|it| it.security_groups)))));
    }
    Ok(Detail::Known(targets))
}

pub(super) fn mount_target(
    cx: &Cx,
    out: &mut Batch,
    file_system_arn: &str,
    listed: MountTargetDescription,
    groups: Groups,
) {
    let id = listed.mount_target_id;
    let key = format!("{AWS_EFS_MOUNT_TARGET}:{file_system_arn}:{id}");
    let Some(groups) = groups else {
        return out.skip(Some(key.into()), "a mount target deleted while it was read");
    };
    let security_group_ids = groups.known().cloned();
    let target = AWS_EFS_MOUNT_TARGET.at(&key);

    out.link(AWS_EFS_FILE_SYSTEM.at(file_system_arn), Has, target.clone());
    // The subnet may be shared by another account, whose number is not in the answer.
    out.find_source(AWS_SUBNET, "id", &listed.subnet_id, Has, target.clone());
    link_groups(cx, out, &target, security_group_ids.as_deref().unwrap_or_default());
    if let Some(interface_id) = &listed.network_interface_id {
        let owner = listed.owner_id.as_deref().unwrap_or(cx.account().as_str());
        let interface = cx.arn_of(owner, "ec2", format_args!("network-interface/{interface_id}"));
        out.link(target, Uses, AWS_ENI.at(interface));
    }

    let link =
        format!("efs/home?region={}#/file-systems/{}?tabId=mounts", cx.region(), listed.file_system_id);
    out.add(
        &key,
        &id,
        &MountTarget {
            id: id.clone(),
            ip_address: listed.ip_address,
            file_system_id: listed.file_system_id,
            subnet_id: listed.subnet_id,
            vpc_id: listed.vpc_id,
            network_interface_id: listed.network_interface_id,
            availability_zone: listed.availability_zone_name,
            active: is_available(Some(listed.life_cycle_state.as_str())),
            state: listed.life_cycle_state.as_str().to_owned(),
            owner_id: listed.owner_id,
            security_group_ids,
        },
    )
    .web_link(cx.console(link))
    .unknown(&groups, &["securityGroupIds"]);
}
