//! Policies of buckets. What a policy says is in `policy.rs`.

use orgraph_collect::prelude::*;
use orgraph_model::Region;
use serde_json::Value;

use super::placement::{bucket_arn, policy_key};
use super::policy::Policy;
use super::settings::Settings;

/// The policy of a bucket. A bucket without one has no such entity.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct BucketPolicy {
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

pub(super) fn bucket_policy(
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
