//! Amazon Elastic File System: file systems, and the mount targets through which they are reached.

mod file_systems;
mod mount_targets;

use aws_sdk_efs::types::FileSystemDescription;
use orgraph_collect::prelude::*;

use self::file_systems::{FileSystem, file_system, file_system_arn, policy};
use self::mount_targets::{MountTarget, mount_target, mount_targets};

pub(crate) static FILE_SYSTEMS: Collector = Collector {
    name: "efs_file_systems",
    service: Service::EFS,
    scope: Scope::Region,
    calls: &[
        call("DescribeFileSystems").lists("FileSystems"),
        call("DescribeFileSystemPolicy").lists("Policy"),
        call("DescribeMountTargets").lists("MountTargets"),
        call("DescribeMountTargetSecurityGroups").lists("SecurityGroups"),
    ],
    entities: &[entity::<FileSystem>(), entity::<MountTarget>()],
    relationships: &[
        rel(AWS_EFS, Has, AWS_EFS_FILE_SYSTEM),
        rel(AWS_EFS_FILE_SYSTEM, Has, AWS_EFS_MOUNT_TARGET),
        rel(AWS_EFS_MOUNT_TARGET, Has, AWS_SECURITY_GROUP),
        rel(AWS_EFS_MOUNT_TARGET, Uses, AWS_ENI),
        rel(AWS_SECURITY_GROUP, Protects, AWS_EFS_MOUNT_TARGET),
        rel(AWS_SUBNET, Has, AWS_EFS_MOUNT_TARGET),
    ],
    collect: |cx, out| Box::pin(collect(cx, out)),
};

async fn collect(cx: &Cx, out: &mut Batch) -> Result<(), CollectError> {
    let efs = client!(aws_sdk_efs, EFS, cx);
    let mut pages = pages!(cx, efs.describe_file_systems(), next_marker);
    while let Some(page) = pages.next().await? {
        let mut listed = page.file_systems.unwrap_or_default();
        listed.retain(|it| cx.owns(Some(&it.owner_id)));
        let details = |listed: FileSystemDescription| async {
            let policy = policy(&efs, &listed.file_system_id).await?;
            let targets = mount_targets(cx, &efs, &listed.file_system_id).await?;
            Ok::<_, CollectError>((listed, policy, targets))
        };
        for detailed in cx.concurrently(listed, details).await {
            let (listed, policy, targets) = detailed?;
            let arn = file_system_arn(cx, &listed);
            match targets {
                Detail::Known(targets) => {
                    for (target, groups) in targets {
                        mount_target(cx, out, &arn, target, groups);
                    }
                }
                Detail::Unknown(error) => out.incomplete(&error),
            }
            file_system(cx, out, &arn, listed, &policy);
        }
    }
    Ok(())
}
