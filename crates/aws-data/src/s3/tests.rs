//! The buckets of the fixtures, with some answers refused.

use std::sync::{Arc, Mutex};

use orgraph_collect::Facts as RunFacts;
use orgraph_collect::replay::{self, Answer, Asked, Fixtures};
use orgraph_collect::run::run;
use orgraph_model::{Key, Region, Snapshot, Status};
use serde_json::Value;

use super::buckets::BUCKETS;
use super::placement::policy_key;

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
            |(status, code)| -> Answer { replay::error_answer(asked.service, status, code, "no") },
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
    check("GetBucketPolicy", "NoSuchBucket", &["arn:aws:s3:::web-site", "arn:aws:s3:::orders-data"]).await;
}

#[tokio::test(start_paused = true)]
async fn a_bucket_that_vanishes_half_way_says_nothing_about_its_settings() {
    let (snapshot, _) =
        replayed(|asked| (asked.operation == "GetBucketTagging").then_some((404, "NoSuchBucket"))).await;

    assert_eq!(snapshot.outcome.status, Status::Partial);
    assert!(snapshot.gaps.iter().all(|it| it.properties == ["tags", "owner", "classification"]));
    assert_eq!(snapshot.gaps.len(), 3);
}
