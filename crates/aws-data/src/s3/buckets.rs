//! Buckets and their policies. Listed once per account; what is asked about a bucket goes to the bucket's own region.

use std::collections::HashMap;

use aws_sdk_s3::Client;
use aws_sdk_s3::types::Bucket as Listed;
use orgraph_collect::prelude::*;
use orgraph_model::{AwsPartition, Region};
use serde_json::Value;

use super::exposure::{Block, Facts};
use super::policy::Policy;
use super::settings::{Settings, configured, settings};

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
    relationships: &[rel(AWS_S3, Has, AWS_S3_BUCKET), rel(AWS_S3_BUCKET, Has, AWS_S3_BUCKET_POLICY)],
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

/// The policy of a bucket. A bucket without one has no such entity.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct BucketPolicy {
    /// The bucket's name.
    id: String,
    /// The bucket's name.
    bucket_name: String,
    /// The document as it was written.
    policy_document: Value,
    /// How many statements it has.
    statement_count: usize,
    /// One readable line per statement.
    rules: Vec<String>,
    /// Whether a statement allows every action without a condition.
    admin: bool,
    /// Whether AWS calls it public. A public access block may still keep it from having any effect.
    public: Option<bool>,
    /// Whether it denies everybody every request over plain HTTP.
    secure_transport: bool,
}

impl Entity for BucketPolicy {
    const TYPE: EntityType = AWS_S3_BUCKET_POLICY;
}

/// A listed bucket that can be asked about.
struct Placed {
    name: String,
    region: Region,
    created_on: Option<i64>,
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

/// The public access block of the whole account, which wins over those of its buckets.
async fn account_block(cx: &Cx) -> Result<Detail<Block>, CollectError> {
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

/// Finds the region of each bucket, from the listing or by asking.
async fn placed(
    cx: &Cx,
    out: &mut Batch,
    s3: &Client,
    listed: Vec<Listed>,
) -> Result<Vec<Placed>, CollectError> {
    let located = |listed: Listed| async {
        let region = match (&listed.bucket_region, &listed.name) {
            (Some(region), _) => Detail::Known(region.clone()),
            (None, None) => Detail::Known(String::new()),
            (None, Some(name)) => {
                let answer = configured(s3.get_bucket_location().bucket(name).send().await, &[])?;
                let constraint = answer.map(|it| it.and_then(|it| it.location_constraint));
                constraint.map(|it| it.map(|it| it.as_str().to_owned()).unwrap_or_default())
            }
        };
        Ok::<_, CollectError>((listed, region))
    };
    let mut placed = Vec::with_capacity(listed.len());
    for located in cx.concurrently(listed, located).await {
        let (listed, region) = located?;
        let Some(name) = listed.name else {
            out.skip(None, "a bucket without a name");
            continue;
        };
        match region.known().map(|it| named(it).parse::<Region>()) {
            Some(Ok(region)) => placed.push(Placed {
                name,
                region,
                created_on: listed.creation_date.as_ref().and_then(millis),
            }),
            Some(Err(_)) => keep_both(cx, out, &name, "a bucket in a region with an odd name"),
            None => {
                let bucket_arn = bucket_arn(cx, &name);
                out.keep(policy_key(&bucket_arn), &region);
                out.keep(bucket_arn, &region);
            }
        }
    }
    Ok(placed)
}

/// The region that a location constraint names. The first two regions are older than the names of regions.
fn named(constraint: &str) -> &str {
    match constraint {
        "" | "null" | "US" => "us-east-1",
        "EU" => "eu-west-1",
        region => region,
    }
}

fn bucket_arn(cx: &Cx, name: &str) -> String {
    format!("arn:{}:s3:::{name}", cx.partition())
}

fn policy_key(bucket_arn: &str) -> String {
    format!("{AWS_S3_BUCKET_POLICY}:{bucket_arn}")
}

fn keep_both(cx: &Cx, out: &mut Batch, name: &str, why: &str) {
    let bucket_arn = bucket_arn(cx, name);
    out.skip(Some(policy_key(&bucket_arn).into()), why);
    out.skip(Some(bucket_arn.into()), why);
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
        acl_is_public: settings.acl_is_public.known().copied(),
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
    .unknown(&settings.acl_is_public, undecided)
    .unknown(&settings.ownership, &and_undecided(&["objectOwnership"]))
    .unknown(&settings.encryption, &["encrypted", "defaultEncryptionEnabled", "encryptionType", "kmsKeyId"])
    .unknown(&settings.versioning, &["versioningEnabled", "mfaDelete"])
    .unknown(&settings.logging, &["loggingEnabled", "loggingTargetBucket"])
    .unknown(&settings.replication, &["replicationEnabled", "destinationBuckets"])
    .unknown(&settings.object_lock, &["objectLockEnabled"])
    .unknown(&settings.lifecycle_rules, &["lifecycleRuleCount"])
    .unknown(&settings.tags, &["tags"]);

    match &settings.policy {
        Detail::Known(Some(policy)) => bucket_policy(cx, out, &name, &region, policy, settings),
        Detail::Known(None) => {}
        Detail::Unknown(_) => out.keep(policy_key(&arn), &settings.policy),
    }
}

fn bucket_policy(
    cx: &Cx,
    out: &mut Batch,
    name: &str,
    region: &Region,
    policy: &Policy,
    settings: &Settings,
) {
    let bucket_arn = bucket_arn(cx, name);
    let key = policy_key(&bucket_arn);
    out.add(
        &key,
        name,
        &BucketPolicy {
            id: name.to_owned(),
            bucket_name: name.to_owned(),
            policy_document: policy.document().clone(),
            statement_count: policy.statements().len(),
            rules: policy.rules(),
            admin: policy.is_admin(),
            public: settings.policy_is_public.known().copied(),
            secure_transport: policy.denies_plain_http(&bucket_arn),
        },
    )
    .region(region.clone())
    .web_link(cx.console(format_args!("s3/buckets/{name}?region={region}&tab=permissions")))
    .unknown(&settings.policy_is_public, &["public"]);
    out.link(AWS_S3_BUCKET.at(bucket_arn), Has, AWS_S3_BUCKET_POLICY.at(key));
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
    use std::sync::{Arc, Mutex};

    use orgraph_collect::Facts as RunFacts;
    use orgraph_collect::replay::{self, Answer, Asked, Fixtures};
    use orgraph_collect::run::run;
    use orgraph_model::{Snapshot, Status};

    use super::*;

    /// The snapshot, and the region in which each operation was asked.
    async fn replayed(
        refused: impl Fn(&Asked) -> Option<(u16, &'static str)> + Send + Sync + 'static,
    ) -> (Snapshot, Vec<(String, String)>) {
        let fixtures = Fixtures::new(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures"));
        let log = Arc::new(Mutex::new(Vec::new()));
        let sent = Arc::clone(&log);
        let session = replay::session(move |asked| {
            sent.lock().unwrap().push((asked.operation.clone(), asked.region.clone()));
            refused(asked).map_or_else(
                || fixtures.answer(asked),
                |(status, code)| -> Answer {
                    replay::error_answer(asked.service.protocol, status, code, "no")
                },
            )
        })
        .await;
        let facts = Arc::new(RunFacts::default());
        let at = chrono::DateTime::UNIX_EPOCH;
        let snapshot = run(&BUCKETS, &session, &Region::global(), &facts, at).await;
        let sent = log.lock().unwrap().clone();
        (snapshot, sent)
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_not_configured_is_known_to_be_absent() {
        let (snapshot, sent) = replayed(|asked| {
            let code = match asked.operation.as_str() {
                "GetBucketPolicy" => "NoSuchBucketPolicy",
                "GetBucketTagging" => "NoSuchTagSet",
                "GetPublicAccessBlock" => "NoSuchPublicAccessBlockConfiguration",
                "GetBucketEncryption" => "ServerSideEncryptionConfigurationNotFoundError",
                "GetBucketReplication" => "ReplicationConfigurationNotFoundError",
                "GetBucketOwnershipControls" => "OwnershipControlsNotFoundError",
                "GetObjectLockConfiguration" => "ObjectLockConfigurationNotFoundError",
                "GetBucketLifecycleConfiguration" => "NoSuchLifecycleConfiguration",
                _ => return None,
            };
            Some((404, code))
        })
        .await;

        assert_eq!(snapshot.outcome.status, Status::Complete, "{:?}", snapshot.gaps);
        assert_eq!(snapshot.entities.len(), 3, "three buckets and no policy");
        let properties = &snapshot.entities[0].properties;
        for absent in [
            "public",
            "blockPublicAcls",
            "encrypted",
            "replicationEnabled",
            "objectLockEnabled",
            "secureTransport",
        ] {
            assert_eq!(properties[absent], false, "{absent}");
        }
        assert_eq!(properties["access"], "Objects can be public");
        assert_eq!(properties["lifecycleRuleCount"], 0);
        assert_eq!(properties["objectOwnership"], Value::Null);
        assert_eq!(properties["encryptionType"], Value::Null);
        // Where there is no policy, nobody needs to ask whether it is public.
        assert!(!sent.iter().any(|(operation, _)| operation == "GetBucketPolicyStatus"));
    }

    #[tokio::test(start_paused = true)]
    async fn each_bucket_is_asked_about_in_its_own_region() {
        let (snapshot, sent) = replayed(|_| None).await;

        let regions = |operation: &str| -> Vec<&str> {
            let of_operation = sent.iter().filter(|(it, _)| it == operation);
            of_operation.map(|(_, region)| region.as_str()).collect()
        };
        assert_eq!(regions("ListBuckets"), ["us-east-1", "us-east-1"]);
        assert_eq!(regions("GetBucketLocation"), ["us-east-1"]);
        let mut acl = regions("GetBucketAcl");
        acl.sort_unstable();
        assert_eq!(acl, ["eu-central-1", "eu-west-1", "us-east-1"]);
        let site = snapshot.entities.iter().find(|it| it.key.as_str() == "arn:aws:s3:::web-site");
        assert_eq!(site.unwrap().region.as_str(), "eu-west-1");
    }

    #[tokio::test(start_paused = true)]
    async fn a_bucket_that_cannot_be_placed_or_found_is_kept() {
        let check = async |operation: &'static str, code: &'static str, buckets: &[&str]| {
            let (snapshot, _) =
                replayed(move |asked| (asked.operation == operation).then_some((403, code))).await;

            assert_eq!(snapshot.outcome.status, Status::Partial);
            for bucket in buckets {
                let kept = snapshot.protected_keys();
                assert!(kept.contains(&Key::from(*bucket)), "{bucket}");
                assert!(kept.contains(&Key::from(policy_key(bucket))), "{bucket}");
                assert!(!snapshot.entities.iter().any(|it| it.key.as_str() == *bucket));
            }
        };

        check("GetBucketLocation", "AccessDenied", &["arn:aws:s3:::web-site"]).await;
        check("GetBucketPolicy", "NoSuchBucket", &["arn:aws:s3:::web-site", "arn:aws:s3:::orders-data"])
            .await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_bucket_that_vanishes_half_way_says_nothing_about_its_settings() {
        let (snapshot, _) =
            replayed(|asked| (asked.operation == "GetBucketTagging").then_some((404, "NoSuchBucket"))).await;

        assert_eq!(snapshot.outcome.status, Status::Partial);
        assert!(snapshot.gaps.iter().all(|it| it.properties == ["tags"]));
        assert_eq!(snapshot.gaps.len(), 3);
    }

    #[test]
    fn the_oldest_regions_go_by_other_names() {
        let check = |constraint: &str, expected: &str| assert_eq!(named(constraint), expected);

        check("", "us-east-1");
        check("null", "us-east-1");
        check("EU", "eu-west-1");
        check("eu-central-1", "eu-central-1");
    }

    #[test]
    fn the_address_is_that_of_the_bucket_in_its_region() {
        let check = |partition, region: &str, expected: &str| {
            assert_eq!(base_url(partition, "b", &region.parse().unwrap()), expected);
        };

        check(AwsPartition::Aws, "eu-west-1", "https://b.s3.eu-west-1.amazonaws.com");
        check(AwsPartition::AwsCn, "cn-north-1", "https://b.s3.cn-north-1.amazonaws.com.cn");
    }
}
