//! Buckets and their policies. Listed once per account; what is asked about a bucket goes to the bucket's own region.

use std::collections::HashMap;

use aws_sdk_s3::Client;
use orgraph_collect::prelude::*;
use orgraph_model::{AwsPartition, Region};

use super::bucket_policies::{BucketPolicy, bucket_policy};
use super::exposure::{Block, Facts};
use super::openings::link_everyone;
use super::placement::{Placed, bucket_arn, keep_both, placed, policy_key};
use super::settings::{Settings, account_block, settings};
use crate::links::link_key_in;

/// How many buckets one page has at most. Asking for pages is also what makes AWS name the region of each bucket.
const PAGE: i32 = 1000;

pub(crate) static BUCKETS: Collector = Collector {
    name: "s3_buckets",
    service: Service::S3,
    scope: Scope::Account,
    calls: &[
        call("ListBuckets").needs("s3:ListAllMyBuckets").lists("ListAllMyBucketsResult"),
        call("GetPublicAccessBlock")
            .of(Service::S3_CONTROL)
            .needs("s3:GetAccountPublicAccessBlock")
            .lists("PublicAccessBlockConfiguration"),
        call("GetBucketLocation").lists("LocationConstraint"),
        call("GetBucketPolicy"),
        call("GetBucketPolicyStatus").lists("PolicyStatus"),
        call("GetPublicAccessBlock")
            .needs("s3:GetBucketPublicAccessBlock")
            .lists("PublicAccessBlockConfiguration"),
        call("GetBucketAcl").lists("AccessControlPolicy"),
        call("GetBucketOwnershipControls").lists("OwnershipControls"),
        call("GetBucketEncryption")
            .needs("s3:GetEncryptionConfiguration")
            .lists("ServerSideEncryptionConfiguration"),
        call("GetBucketVersioning").lists("VersioningConfiguration"),
        call("GetBucketLogging").lists("BucketLoggingStatus"),
        call("GetBucketReplication")
            .needs("s3:GetReplicationConfiguration")
            .lists("ReplicationConfiguration"),
        call("GetObjectLockConfiguration")
            .needs("s3:GetBucketObjectLockConfiguration")
            .lists("ObjectLockConfiguration"),
        call("GetBucketLifecycleConfiguration")
            .needs("s3:GetLifecycleConfiguration")
            .lists("LifecycleConfiguration"),
        call("GetBucketTagging").lists("Tagging"),
    ],
    entities: &[entity::<Bucket>(), entity::<BucketPolicy>()],
    relationships: &[
        rel(AWS_S3, Has, AWS_S3_BUCKET),
        rel(AWS_S3_BUCKET, Has, AWS_S3_BUCKET_POLICY),
        rel(AWS_S3_BUCKET, Uses, AWS_KMS_KEY),
        rel(AWS_S3_BUCKET, Allows, EVERYONE),
    ],
    collect: |cx, out| Box::pin(buckets(cx, out)),
};

/// A bucket with its settings. Its objects are contents and are never listed.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "fields are named as the properties are")]
struct Bucket {
    /// The bucket's name.
    id: String,
    /// The same name.
    bucket_name: String,
    /// The address of the bucket.
    base_url: String,
    /// Whether anybody outside can reach it, by its policy or its ACL, after the public access blocks of the account and
    /// of the bucket.
    public: Option<bool>,
    /// `Public`, `Objects can be public`, `Bucket and objects not public` or `Only authorized users of this account`, in
    /// the words of the console.
    access: Option<&'static str>,
    /// Whether the bucket's own block refuses new public ACLs. The account's block is on the account.
    block_public_acls: Option<bool>,
    /// Whether the bucket's own block makes public ACLs have no effect.
    ignore_public_acls: Option<bool>,
    /// Whether the bucket's own block refuses new public policies.
    block_public_policy: Option<bool>,
    /// Whether the bucket's own block lets a public policy let in nobody but the account's users and AWS services.
    restrict_public_buckets: Option<bool>,
    /// `BucketOwnerEnforced`, `BucketOwnerPreferred` or `ObjectWriter`; `null` for old buckets without the setting.
    object_ownership: Option<String>,
    /// Whether new objects are encrypted by default.
    encrypted: Option<bool>,
    /// The same, under the name of the setting.
    default_encryption_enabled: Option<bool>,
    /// `SSE-S3`, `aws:kms` or `aws:kms:dsse`.
    encryption_type: Option<String>,
    /// The key that encrypts new objects, as it was configured: an ARN, an ID or an alias; `null` for a key of AWS.
    kms_key_id: Option<String>,
    /// Whether old versions of objects are kept.
    versioning_enabled: Option<bool>,
    /// Whether deleting a version takes a second factor.
    mfa_delete: Option<bool>,
    /// Whether access to it is logged.
    logging_enabled: Option<bool>,
    /// The name of the bucket that the access log is written to.
    logging_target_bucket: Option<String>,
    /// Whether a rule that replicates objects is enabled.
    replication_enabled: Option<bool>,
    /// The ARNs of the buckets that enabled rules replicate to.
    destination_buckets: Option<Vec<String>>,
    /// Whether objects can be locked against deletion.
    object_lock_enabled: Option<bool>,
    /// How many lifecycle rules there are, disabled ones included.
    lifecycle_rule_count: Option<usize>,
    /// Whether its policy denies everybody every request over plain HTTP.
    secure_transport: Option<bool>,
    /// When it was created, in milliseconds since the epoch.
    created_on: Option<i64>,
}

impl Entity for Bucket {
    const TYPE: EntityType = AWS_S3_BUCKET;
}

async fn buckets(cx: &Cx, out: &mut Batch) -> Result<(), CollectError> {
    let s3 = client!(aws_sdk_s3, S3, cx);
    let mut listed = Vec::new();
    let mut pages = pages!(cx, s3.list_buckets().max_buckets(PAGE), continuation_token);
    while let Some(page) = pages.next().await? {
        listed.extend(page.buckets.unwrap_or_default());
    }
    if listed.is_empty() {
        return Ok(());
    }

    let account_block = account_block(cx).await?;
    let placed = placed(cx, out, &s3, listed).await?;
    let mut clients: HashMap<Region, Client> = HashMap::new();
    for bucket in &placed {
        clients
            .entry(bucket.region.clone())
            .or_insert_with(|| client!(aws_sdk_s3, S3, cx, bucket.region.as_str()));
    }
    let details = |placed: Placed| {
        let s3 = clients.get(&placed.region).unwrap_or(&s3);
        Box::pin(async move {
            let settings = settings(s3, &placed.name).await?;
            Ok::<_, CollectError>((placed, settings))
        })
    };
    for detailed in cx.concurrently(placed, details).await {
        let (placed, settings) = detailed?;
        match settings {
            Some(settings) => bucket(cx, out, placed, &settings, &account_block),
            None => keep_both(cx, out, &placed.name, "a bucket deleted while it was read"),
        }
    }
    Ok(())
}

fn bucket(cx: &Cx, out: &mut Batch, placed: Placed, settings: &Settings, account_block: &Detail<Block>) {
    let Placed { name, region, created_on } = placed;
    let arn = bucket_arn(cx, &name);
    let block = settings.block.known();
    let ownership = settings.ownership.known();
    let encryption = settings.encryption.known();
    let algorithm = encryption.map(|it| it.as_ref().map(|it| it.sse_algorithm.as_str()));
    let facts = Facts {
        account: account_block.known().copied(),
        bucket: block.copied(),
        policy_is_public: settings.policy_is_public.known().copied(),
        acl_is_public: settings.public_grants.known().map(|it| !it.is_empty()),
        owner_enforced: ownership
            .map(|it| it.as_ref().is_some_and(|it| it.as_str() == "BucketOwnerEnforced")),
    };
    // What several answers decide together is unknown only if the answers at hand do not settle it.
    let undecided: &[&str] = match (facts.public(), facts.access()) {
        (None, _) => &["public", "access"],
        (_, None) => &["access"],
        _ => &[],
    };
    let and_undecided = |own: &[&'static str]| [own, undecided].concat();
    let decisive = if undecided.is_empty() { &Detail::Known(Block::default()) } else { account_block };

    out.add(
        &arn,
        &name,
        &Bucket {
            id: name.clone(),
            bucket_name: name.clone(),
            base_url: base_url(cx.partition(), &name, &region),
            public: facts.public(),
            access: facts.access(),
            block_public_acls: block.map(|it| it.public_acls),
            ignore_public_acls: block.map(|it| it.ignore_public_acls),
            block_public_policy: block.map(|it| it.public_policy),
            restrict_public_buckets: block.map(|it| it.restrict_public_buckets),
            object_ownership: ownership.and_then(|it| it.as_ref()).map(|it| it.as_str().to_owned()),
            encrypted: algorithm.map(|it| it.is_some()),
            default_encryption_enabled: algorithm.map(|it| it.is_some()),
            encryption_type: algorithm.flatten().map(encryption_type),
            kms_key_id: encryption.and_then(|it| it.as_ref()).and_then(|it| it.kms_master_key_id.clone()),
            versioning_enabled: settings.versioning.known().map(|it| it.enabled),
            mfa_delete: settings.versioning.known().map(|it| it.mfa_delete),
            logging_enabled: settings.logging.known().map(Option::is_some),
            logging_target_bucket: settings
                .logging
                .known()
                .and_then(|it| it.as_ref())
                .map(|it| it.target_bucket.clone()),
            replication_enabled: settings.replication.known().map(|it| !it.is_empty()),
            destination_buckets: settings.replication.known().cloned(),
            object_lock_enabled: settings.object_lock.known().copied(),
            lifecycle_rule_count: settings.lifecycle_rules.known().copied(),
            secure_transport: settings
                .policy
                .known()
                .map(|it| it.as_ref().is_some_and(|it| it.denies_plain_http(&arn))),
            created_on,
        },
    )
    .region(region.clone())
    .tags(settings.tags.known().cloned().unwrap_or_default())
    .web_link(cx.console(format_args!("s3/buckets/{name}?region={region}")))
    .unknown(&settings.policy, &["secureTransport"])
    .unknown(&settings.policy_is_public, undecided)
    .unknown(
        &settings.block,
        &and_undecided(&[
            "blockPublicAcls",
            "ignorePublicAcls",
            "blockPublicPolicy",
            "restrictPublicBuckets",
        ]),
    )
    .unknown(decisive, undecided)
    .unknown(&settings.public_grants, undecided)
    .unknown(&settings.ownership, &and_undecided(&["objectOwnership"]))
    .unknown(&settings.encryption, &["encrypted", "defaultEncryptionEnabled", "encryptionType", "kmsKeyId"])
    .unknown(&settings.versioning, &["versioningEnabled", "mfaDelete"])
    .unknown(&settings.logging, &["loggingEnabled", "loggingTargetBucket"])
    .unknown(&settings.replication, &["replicationEnabled", "destinationBuckets"])
    .unknown(&settings.object_lock, &["objectLockEnabled"])
    .unknown(&settings.lifecycle_rules, &["lifecycleRuleCount"])
    .unknown(&settings.tags, &["tags"]);

    let this = AWS_S3_BUCKET.at(&arn);
    link_own_key(cx, out, &this, settings, &region);
    link_everyone(out, &this, settings);
    match &settings.policy {
        Detail::Known(Some(policy)) => bucket_policy(cx, out, &name, &region, policy, settings),
        Detail::Known(None) => {}
        Detail::Unknown(_) => out.keep(policy_key(&arn), &settings.policy),
    }
}

/// A key may still be configured where objects are encrypted without one.
fn link_own_key(cx: &Cx, out: &mut Batch, bucket: &Ref, settings: &Settings, region: &Region) {
    let encryption = settings.encryption.known().and_then(|it| it.as_ref());
    if let Some(encryption) = encryption.filter(|it| it.sse_algorithm.as_str().starts_with("aws:kms")) {
        link_key_in(cx, out, bucket, encryption.kms_master_key_id.as_deref(), region);
    }
}

/// AWS calls its own keys by the algorithm, and everybody else by the feature.
fn encryption_type(algorithm: &str) -> String {
    match algorithm {
        "AES256" => "SSE-S3".to_owned(),
        other => other.to_owned(),
    }
}

fn base_url(partition: AwsPartition, name: &str, region: &Region) -> String {
    let domain = match partition {
        AwsPartition::AwsCn => "amazonaws.com.cn",
        AwsPartition::Aws | AwsPartition::AwsUsGov => "amazonaws.com",
    };
    format!("https://{name}.s3.{region}.{domain}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_that_of_the_bucket_in_its_region() {
        let check = |partition, region: &str, expected: &str| {
            assert_eq!(base_url(partition, "b", &region.parse().unwrap()), expected);
        };

        check(AwsPartition::Aws, "eu-west-1", "https://b.s3.eu-west-1.amazonaws.com");
        check(AwsPartition::AwsCn, "cn-north-1", "https://b.s3.cn-north-1.amazonaws.com.cn");
    }
}
