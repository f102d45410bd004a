//! What an account has set for all of EC2 in a region.

use aws_sdk_ec2::operation::get_ebs_default_kms_key_id::GetEbsDefaultKmsKeyIdOutput;
use aws_sdk_ec2::operation::get_instance_metadata_defaults::GetInstanceMetadataDefaultsOutput;
use aws_sdk_ec2::operation::get_snapshot_block_public_access_state::GetSnapshotBlockPublicAccessStateOutput;
use aws_sdk_ec2::types::{HttpTokensState, SnapshotBlockPublicAccessState};
use orgraph_collect::prelude::*;

pub(crate) static SETTINGS: Collector = Collector {
    name: "ec2_settings",
    service: Service::EC2,
    scope: Scope::Region,
    calls: &[
        call("GetEbsEncryptionByDefault"),
        call("GetEbsDefaultKmsKeyId"),
        call("GetSnapshotBlockPublicAccessState"),
        call("GetInstanceMetadataDefaults"),
    ],
    entities: &[entity::<Settings>()],
    relationships: &[rel(AWS_EC2, Has, AWS_EC2_SETTINGS)],
    collect: |cx, out| Box::pin(settings(cx, out)),
};

/// The settings of the account for EC2 in one region.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Settings {
    /// Whether new volumes are encrypted though nobody asks for it.
    ebs_encryption_by_default: Option<bool>,
    /// The key that encrypts them: an ARN, or the alias of the key of AWS.
    ebs_default_kms_key_id: Option<String>,
    /// `block-all-sharing`, `block-new-sharing` or `unblocked`: whether snapshots can be made public.
    snapshot_block_public_access: Option<String>,
    /// `required` when new instances must be asked for their metadata with a token; `null` without a preference.
    default_http_tokens: Option<String>,
}

impl Entity for Settings {
    const TYPE: EntityType = AWS_EC2_SETTINGS;
}

/// What is asked besides.
struct Details {
    key: Detail<Option<GetEbsDefaultKmsKeyIdOutput>>,
    sharing: Detail<Option<GetSnapshotBlockPublicAccessStateOutput>>,
    metadata: Detail<Option<GetInstanceMetadataDefaultsOutput>>,
}

async fn settings(cx: &Cx, out: &mut Batch) -> Result<(), CollectError> {
    let ec2 = client!(aws_sdk_ec2, EC2, cx);
    let encryption = ec2.get_ebs_encryption_by_default().send().await?;
    let details = Details {
        key: detail(ec2.get_ebs_default_kms_key_id().send().await)?,
        sharing: detail(ec2.get_snapshot_block_public_access_state().send().await)?,
        metadata: detail(ec2.get_instance_metadata_defaults().send().await)?,
    };
    setting(cx, out, encryption.ebs_encryption_by_default, &details);
    Ok(())
}

fn setting(cx: &Cx, out: &mut Batch, encryption: Option<bool>, details: &Details) {
    let known = |it: Option<&str>| it.map(ToOwned::to_owned);
    let key = details.key.known().and_then(Option::as_ref);
    let sharing = details.sharing.known().and_then(Option::as_ref).and_then(|it| it.state.as_ref());
    let metadata = details.metadata.known().and_then(Option::as_ref).and_then(|it| it.account_level.as_ref());
    let tokens = metadata.and_then(|it| it.http_tokens.as_ref());

    out.add(
        format!("{AWS_EC2_SETTINGS}:{}:{}", cx.account(), cx.region()),
        format!("EC2 settings of {}", cx.region()),
        &Settings {
            ebs_encryption_by_default: encryption,
            ebs_default_kms_key_id: known(key.and_then(|it| it.kms_key_id.as_deref())),
            snapshot_block_public_access: known(sharing.map(SnapshotBlockPublicAccessState::as_str)),
            // AWS writes "no preference" as a value of its own.
            default_http_tokens: known(
                tokens.map(HttpTokensState::as_str).filter(|it| *it != "no-preference"),
            ),
        },
    )
    .web_link(cx.console(format_args!("ec2/home?region={}#Settings:", cx.region())))
    .unknown(&details.key, &["ebsDefaultKmsKeyId"])
    .unknown(&details.sharing, &["snapshotBlockPublicAccess"])
    .unknown(&details.metadata, &["defaultHttpTokens"]);
}
