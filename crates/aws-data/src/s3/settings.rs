//! What is asked about each bucket, in the bucket's own region. Only the error codes that AWS documents for "not
//! configured" mean that a setting is absent; everything else, a bucket that has vanished included, is unknown.

use aws_sdk_s3::Client;
use aws_sdk_s3::error::SdkError;
use aws_sdk_s3::types::{
    BucketVersioningStatus, Grant, LoggingEnabled, MfaDeleteStatus, ObjectLockEnabled, ObjectOwnership,
    ReplicationRuleStatus, ServerSideEncryptionByDefault,
};
use orgraph_collect::prelude::*;

use super::exposure::Block;
use super::policy::Policy;
use crate::shape::always;

/// The settings of one bucket. `None` means not configured.
pub(super) struct Settings {
    pub(super) policy: Detail<Option<Policy>>,
    pub(super) policy_is_public: Detail<bool>,
    pub(super) block: Detail<Block>,
    /// What the ACL grants to all users, or to all users of AWS.
    pub(super) public_grants: Detail<Vec<PublicGrant>>,
    pub(super) ownership: Detail<Option<ObjectOwnership>>,
    pub(super) encryption: Detail<Option<ServerSideEncryptionByDefault>>,
    pub(super) versioning: Detail<Versioning>,
    pub(super) logging: Detail<Option<LoggingEnabled>>,
    /// The ARNs of the buckets that it is replicated to.
    pub(super) replication: Detail<Vec<String>>,
    pub(super) object_lock: Detail<bool>,
    pub(super) lifecycle_rules: Detail<usize>,
    pub(super) tags: Detail<Vec<(String, String)>>,
}

/// What an ACL grants to a group that anybody can be in.
pub(super) struct PublicGrant {
    /// The URI of the group.
    pub(super) group: String,
    /// `READ`, `WRITE`, `READ_ACP`, `WRITE_ACP` or `FULL_CONTROL`.
    pub(super) permission: String,
}

pub(super) struct Versioning {
    pub(super) enabled: bool,
    pub(super) mfa_delete: bool,
}

/// Asks for all settings of the bucket `name`; `None` when the bucket is no longer there.
pub(super) async fn settings(s3: &Client, name: &str) -> Result<Option<Settings>, CollectError> {
    let policy = policy(s3, name).await?;
    if let Detail::Unknown(error) = &policy
        && error.code() == Some("NoSuchBucket")
    {
        return Ok(None);
    }
    Ok(Some(Settings {
        policy_is_public: match &policy {
            // No policy, no status.
            Detail::Known(None) => Detail::Known(false),
            _ => policy_is_public(s3, name).await?,
        },
        policy,
        block: block(s3, name).await?,
        public_grants: public_grants(s3, name).await?,
        ownership: ownership(s3, name).await?,
        encryption: encryption(s3, name).await?,
        versioning: versioning(s3, name).await?,
        logging: logging(s3, name).await?,
        replication: replication(s3, name).await?,
        object_lock: object_lock(s3, name).await?,
        lifecycle_rules: lifecycle_rules(s3, name).await?,
        tags: bucket_tags(s3, name).await?,
    }))
}

/// The public access block of the whole account, which wins over those of its buckets.
pub(super) async fn account_block(cx: &Cx) -> Result<Detail<Block>, CollectError> {
    let s3control = client!(aws_sdk_s3control, S3_CONTROL, cx);
    let request = s3control.get_public_access_block().account_id(cx.account().as_str());
    let answer = configured(request.send().await, &["NoSuchPublicAccessBlockConfiguration"])?;
    Ok(answer.map(|it| {
        let switches = it.and_then(|it| it.public_access_block_configuration);
        switches.map_or_else(Block::default, |it| Block {
            public_acls: it.block_public_acls.unwrap_or_default(),
            ignore_public_acls: it.ignore_public_acls.unwrap_or_default(),
            public_policy: it.block_public_policy.unwrap_or_default(),
            restrict_public_buckets: it.restrict_public_buckets.unwrap_or_default(),
        })
    }))
}

/// The answer of a call where only the error codes `absent` mean "not configured".
pub(super) fn configured<T, E, R>(
    answer: Result<T, SdkError<E, R>>,
    absent: &[&str],
) -> Result<Detail<Option<T>>, CollectError>
where
    CollectError: From<SdkError<E, R>>,
{
    match answer.map_err(CollectError::from) {
        Ok(value) => Ok(Detail::Known(Some(value))),
        Err(error) if error.code().is_some_and(|it| absent.contains(&it)) => Ok(Detail::Known(None)),
        Err(error) if error.is_fatal() => Err(error),
        Err(error) => Ok(Detail::Unknown(error)),
    }
}

async fn policy(s3: &Client, name: &str) -> Result<Detail<Option<Policy>>, CollectError> {
    let answer = s3.get_bucket_policy().bucket(name).send().await;
    let answer = configured(answer, &["NoSuchBucketPolicy"])?;
    Ok(always("GetBucketPolicy", answer, |it| Policy::parse(&it.policy?)))
}

async fn policy_is_public(s3: &Client, name: &str) -> Result<Detail<bool>, CollectError> {
    let answer = s3.get_bucket_policy_status().bucket(name).send().await;
    let answer = configured(answer, &["NoSuchBucketPolicy"])?;
    let status = always("GetBucketPolicyStatus", answer, |it| it.policy_status?.is_public);
    Ok(status.map(|it| it.unwrap_or(false)))
}

async fn block(s3: &Client, name: &str) -> Result<Detail<Block>, CollectError> {
    let answer = s3.get_public_access_block().bucket(name).send().await;
    let answer = configured(answer, &["NoSuchPublicAccessBlockConfiguration"])?;
    let block = always("GetPublicAccessBlock", answer, |it| {
        let switches = it.public_access_block_configuration?;
        Some(Block {
            public_acls: switches.block_public_acls.unwrap_or_default(),
            ignore_public_acls: switches.ignore_public_acls.unwrap_or_default(),
            public_policy: switches.block_public_policy.unwrap_or_default(),
            restrict_public_buckets: switches.restrict_public_buckets.unwrap_or_default(),
        })
    });
    Ok(block.map(Option::unwrap_or_default))
}

async fn public_grants(s3: &Client, name: &str) -> Result<Detail<Vec<PublicGrant>>, CollectError> {
    let answer = configured(s3.get_bucket_acl().bucket(name).send().await, &[])?;
    let grants = always("GetBucketAcl", answer, |it| it.grants);
    Ok(grants.map(|it| it.unwrap_or_default().iter().filter_map(public_grant).collect()))
}

fn public_grant(grant: &Grant) -> Option<PublicGrant> {
    const GROUPS: [&str; 2] = [
        "http://acs.amazonaws.com/groups/global/AllUsers",
        "http://acs.amazonaws.com/groups/global/AuthenticatedUsers",
    ];
    let group = grant.grantee()?.uri().filter(|it| GROUPS.contains(it))?;
    Some(PublicGrant { group: group.to_owned(), permission: grant.permission()?.as_str().to_owned() })
}

async fn ownership(s3: &Client, name: &str) -> Result<Detail<Option<ObjectOwnership>>, CollectError> {
    let answer = s3.get_bucket_ownership_controls().bucket(name).send().await;
    let answer = configured(answer, &["OwnershipControlsNotFoundError"])?;
    Ok(always("GetBucketOwnershipControls", answer, |it| {
        let rule = it.ownership_controls?.rules.into_iter().next()?;
        Some(rule.object_ownership)
    }))
}

async fn encryption(
    s3: &Client,
    name: &str,
) -> Result<Detail<Option<ServerSideEncryptionByDefault>>, CollectError> {
    let answer = s3.get_bucket_encryption().bucket(name).send().await;
    let answer = configured(answer, &["ServerSideEncryptionConfigurationNotFoundError"])?;
    let rules =
        always("GetBucketEncryption", answer, |it| Some(it.server_side_encryption_configuration?.rules));
    Ok(rules.map(|it| {
        let mut rules = it.unwrap_or_default().into_iter();
        rules.find_map(|it| it.apply_server_side_encryption_by_default)
    }))
}

async fn versioning(s3: &Client, name: &str) -> Result<Detail<Versioning>, CollectError> {
    let answer = configured(s3.get_bucket_versioning().bucket(name).send().await, &[])?;
    // A bucket that never had versions gives neither.
    Ok(answer.map(|it| Versioning {
        enabled: it.as_ref().and_then(|it| it.status()) == Some(&BucketVersioningStatus::Enabled),
        mfa_delete: it.as_ref().and_then(|it| it.mfa_delete()) == Some(&MfaDeleteStatus::Enabled),
    }))
}

async fn logging(s3: &Client, name: &str) -> Result<Detail<Option<LoggingEnabled>>, CollectError> {
    let answer = configured(s3.get_bucket_logging().bucket(name).send().await, &[])?;
    Ok(answer.map(|it| it.and_then(|it| it.logging_enabled)))
}

async fn replication(s3: &Client, name: &str) -> Result<Detail<Vec<String>>, CollectError> {
    let answer = s3.get_bucket_replication().bucket(name).send().await;
    let answer = configured(answer, &["ReplicationConfigurationNotFoundError"])?;
    let rules = always("GetBucketReplication", answer, |it| Some(it.replication_configuration?.rules));
    Ok(rules.map(|it| {
        let enabled = it.unwrap_or_default().into_iter();
        let enabled = enabled.filter(|it| it.status == ReplicationRuleStatus::Enabled);
        let mut destinations: Vec<String> =
            enabled.filter_map(|it| it.destination).map(|it| it.bucket).collect();
        destinations.sort_unstable();
        destinations.dedup();
        destinations
    }))
}

async fn object_lock(s3: &Client, name: &str) -> Result<Detail<bool>, CollectError> {
    let answer = s3.get_object_lock_configuration().bucket(name).send().await;
    let answer = configured(answer, &["ObjectLockConfigurationNotFoundError"])?;
    let lock = always("GetObjectLockConfiguration", answer, |it| it.object_lock_configuration);
    Ok(lock.map(|it| it.and_then(|it| it.object_lock_enabled).as_ref() == Some(&ObjectLockEnabled::Enabled)))
}

async fn lifecycle_rules(s3: &Client, name: &str) -> Result<Detail<usize>, CollectError> {
    let answer = s3.get_bucket_lifecycle_configuration().bucket(name).send().await;
    let answer = configured(answer, &["NoSuchLifecycleConfiguration"])?;
    Ok(answer.map(|it| it.map_or(0, |it| it.rules().len())))
}

async fn bucket_tags(s3: &Client, name: &str) -> Result<Detail<Vec<(String, String)>>, CollectError> {
    let answer = s3.get_bucket_tagging().bucket(name).send().await;
    let answer = configured(answer, &["NoSuchTagSet"])?;
    Ok(answer.map(|it| {
        let pairs = it.map(|it| it.tag_set).unwrap_or_default().into_iter();
        pairs.map(|it| (it.key, it.value)).collect()
    }))
}
