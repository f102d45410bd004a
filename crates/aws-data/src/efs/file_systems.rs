//! File systems and their policies.

use aws_sdk_efs::Client;
use aws_sdk_efs::types::FileSystemDescription;
use orgraph_collect::prelude::*;
use serde_json::Value;

use crate::shape::{always, is_available};

/// A file system: its settings, never its files.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct FileSystem {
    /// The file system's ID.
    id: String,
    /// Whether it is encrypted at rest.
    encrypted: Option<bool>,
    /// The ARN of the key that encrypts it.
    kms_key_id: Option<String>,
    /// The state, such as `available` or `creating`.
    state: String,
    /// Whether the state is `available`.
    active: Option<bool>,
    /// Its size, in bytes, as last metered.
    size_in_bytes: Option<i64>,
    /// `generalPurpose` or `maxIO`.
    performance_mode: String,
    /// `bursting`, `provisioned` or `elastic`.
    throughput_mode: Option<String>,
    /// How many mount targets it has.
    number_of_mount_targets: i32,
    /// The one availability zone it is kept in; `null` for several.
    availability_zone: Option<String>,
    /// The account that owns it.
    owner_id: String,
    /// Its policy; `null` when it has none, which lets in whoever reaches a mount target.
    policy: Option<Value>,
    /// Whether its policy lets anybody in without a condition.
    public: Option<bool>,
    /// When it was created, in milliseconds since the epoch.
    created_on: Option<i64>,
}

impl Entity for FileSystem {
    const TYPE: EntityType = AWS_EFS_FILE_SYSTEM;
    const VOLATILE: &'static [&'static str] = &["sizeInBytes"];
}

/// What the policy of a file system says.
pub(super) struct Policy {
    document: Value,
    public: bool,
}

pub(super) async fn policy(efs: &Client, id: &str) -> Result<Detail<Option<Policy>>, CollectError> {
    let answer = efs.describe_file_system_policy().file_system_id(id).send().await;
    let answer = detail_or(answer, &["PolicyNotFound"])?;
    Ok(always("DescribeFileSystemPolicy", answer, |it| {
        let text = it.policy?;
        Some(Policy { document: serde_json::from_str(&text).ok()?, public: allows_anybody(&text)? })
    }))
}

pub(super) fn file_system_arn(cx: &Cx, listed: &FileSystemDescription) -> String {
    let made = || cx.arn("elasticfilesystem", format_args!("file-system/{}", listed.file_system_id));
    listed.file_system_arn.clone().unwrap_or_else(made)
}

pub(super) fn file_system(
    cx: &Cx,
    out: &mut Batch,
    arn: &str,
    listed: FileSystemDescription,
    policy: &Detail<Option<Policy>>,
) {
    let id = listed.file_system_id;
    let tags: Vec<_> = listed.tags.into_iter().map(|it| (it.key, it.value)).collect();

    out.add(
        arn,
        listed.name.unwrap_or_else(|| id.clone()),
        &FileSystem {
            id: id.clone(),
            encrypted: listed.encrypted,
            kms_key_id: listed.kms_key_id,
            active: is_available(Some(listed.life_cycle_state.as_str())),
            state: listed.life_cycle_state.as_str().to_owned(),
            size_in_bytes: listed.size_in_bytes.map(|it| it.value),
            performance_mode: listed.performance_mode.as_str().to_owned(),
            throughput_mode: listed.throughput_mode.map(|it| it.as_str().to_owned()),
            number_of_mount_targets: listed.number_of_mount_targets,
            availability_zone: listed.availability_zone_name,
            owner_id: listed.owner_id,
            policy: policy.known().and_then(|it| it.as_ref()).map(|it| it.document.clone()),
            public: policy.known().map(|it| it.as_ref().is_some_and(|it| it.public)),
            created_on: millis(&listed.creation_time),
        },
    )
    .tags(tags)
    .web_link(cx.console(format_args!("efs/home?region={}#/file-systems/{id}", cx.region())))
    .unknown(policy, &["policy", "public"]);
}
