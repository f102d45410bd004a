//! AWS KMS.

use std::collections::HashMap;

use aws_sdk_kms::Client;
use aws_sdk_kms::types::{KeyListEntry, KeyManagerType, KeyMetadata, KeySpec, KeyState};
use orgraph_collect::prelude::*;
use serde_json::Value;

pub(crate) static KEYS: Collector = Collector {
    name: "kms_keys",
    service: Service::KMS,
    scope: Scope::Region,
    calls: &[
        call("ListKeys").lists("Keys"),
        call("ListAliases").lists("Aliases"),
        call("DescribeKey").lists("KeyMetadata"),
        call("GetKeyRotationStatus").lists("KeyRotationEnabled"),
        call("GetKeyPolicy").lists("Policy"),
        call("ListResourceTags").lists("Tags"),
    ],
    entities: &[entity::<CryptoKey>()],
    relationships: &[rel(AWS_KMS, Has, AWS_KMS_KEY)],
    collect: |cx, out| Box::pin(keys(cx, out)),
};

/// How many keys are held with their policies at a time.
const BATCH_SIZE: usize = 100;

/// A key that encrypts or signs. What it is made of is never read, and cannot be.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct CryptoKey {
    /// The key's ID.
    id: String,
    /// The key's ID, under its own name.
    key_id: String,
    /// The names that lead to it, such as `alias/orders`.
    aliases: Option<Vec<String>>,
    /// `Enabled`, `Disabled`, `PendingDeletion`, `PendingImport` and so on.
    status: Option<String>,
    /// Whether it can be used.
    active: Option<bool>,
    /// Whether it is switched on.
    enabled: Option<bool>,
    /// Who manages it: `CUSTOMER`, or `AWS` for the key of a service.
    key_manager: Option<String>,
    /// `ENCRYPT_DECRYPT`, `SIGN_VERIFY`, `GENERATE_VERIFY_MAC` or `KEY_AGREEMENT`.
    key_usage: Option<String>,
    /// `SYMMETRIC_DEFAULT`, `RSA_2048` and so on.
    key_spec: Option<String>,
    /// Where it was made: `AWS_KMS`, `EXTERNAL`, `AWS_CLOUDHSM` or `EXTERNAL_KEY_STORE`.
    origin: Option<String>,
    /// Whether AWS replaces what it is made of every year. False for a key that cannot be replaced so.
    rotation_enabled: Option<bool>,
    /// Whether it is, or may be, in several regions.
    multi_region: Option<bool>,
    /// When it was made, in milliseconds since the epoch.
    created_on: Option<i64>,
    /// When it will be deleted, in milliseconds since the epoch; `null` when that is not planned.
    deleted_on: Option<i64>,
    /// Its resource policy.
    policy: Option<Value>,
    /// Whether its policy lets anybody use it without a condition.
    public: Option<bool>,
}

impl Entity for CryptoKey {
    const TYPE: EntityType = AWS_KMS_KEY;
}

/// What only the description of a key tells.
const DESCRIBED: &[&str] = &[
    "status",
    "active",
    "enabled",
    "keyManager",
    "keyUsage",
    "keySpec",
    "origin",
    "multiRegion",
    "createdOn",
    "deletedOn",
    // The console lists the keys of AWS elsewhere.
    "webLink",
];

/// What is asked about each key. The policy of a key may refuse any of it.
struct Details {
    described: Detail<Option<KeyMetadata>>,
    rotation: Detail<bool>,
    policy: Detail<Option<String>>,
    tags: Detail<Vec<(String, String)>>,
}

/// The names of each key, by its ID.
type Aliases = HashMap<String, Vec<String>>;

async fn keys(cx: &Cx, out: &mut Batch) -> Result<(), CollectError> {
    let kms = client!(aws_sdk_kms, KMS, cx);
    let listed = pages!(cx, kms.list_keys().limit(1000), next_marker).all(|it| it.keys).await?;
    let aliases = detail_pages(aliases(cx, &kms).await)?.map(Option::unwrap_or_default);
    for batch in listed.chunks(BATCH_SIZE) {
        let detailed = |listed: KeyListEntry| async {
            let details = details(cx, &kms, listed.key_id().unwrap_or_default()).await?;
            Ok::<_, CollectError>((listed, details))
        };
        for detailed in cx.concurrently(batch.to_vec(), detailed).await {
            let (listed, details) = detailed?;
            key(cx, out, &listed, &details, &aliases);
        }
    }
    Ok(())
}

async fn aliases(cx: &Cx, kms: &Client) -> Result<Aliases, CollectError> {
    let listed = pages!(cx, kms.list_aliases().limit(100), next_marker).all(|it| it.aliases).await?;
    let mut aliases = Aliases::new();
    for alias in listed {
        // AWS keeps names of its own that lead to no key yet.
        if let (Some(key_id), Some(name)) = (alias.target_key_id, alias.alias_name) {
            aliases.entry(key_id).or_default().push(name);
        }
    }
    for names in aliases.values_mut() {
        names.sort_unstable();
        names.dedup();
    }
    Ok(aliases)
}

async fn details(cx: &Cx, kms: &Client, key_id: &str) -> Result<Details, CollectError> {
    let described = detail(kms.describe_key().key_id(key_id).send().await)?;
    let described = described.map(|it| it.and_then(|it| it.key_metadata));
    let metadata = described.known().and_then(Option::as_ref);
    let is_symmetric =
        metadata.and_then(|it| it.key_spec()).is_none_or(|it| *it == KeySpec::SymmetricDefault);
    let rotation = if let Detail::Unknown(error) = &described {
        Detail::Unknown(error.clone())
    } else if is_symmetric {
        // Keys in key stores of one's own cannot be rotated, and are answered so.
        let answer = kms.get_key_rotation_status().key_id(key_id).send().await;
        let answer = detail_or(answer, &["UnsupportedOperationException"])?;
        answer.map(|it| it.is_some_and(|it| it.key_rotation_enabled))
    } else {
        Detail::Known(false)
    };
    let policy = detail(kms.get_key_policy().key_id(key_id).policy_name("default").send().await)?;
    let tags = pages!(cx, kms.list_resource_tags().key_id(key_id), next_marker).all(|it| it.tags).await;
    let tags = detail_pages(tags)?.map(|it| {
        let tags = it.unwrap_or_default();
        tags.into_iter().map(|it| (it.tag_key, it.tag_value)).collect()
    });
    Ok(Details { described, rotation, policy: policy.map(|it| it.and_then(|it| it.policy)), tags })
}

fn key(cx: &Cx, out: &mut Batch, listed: &KeyListEntry, details: &Details, aliases: &Detail<Aliases>) {
    let (Some(arn), Some(id)) = (listed.key_arn(), listed.key_id()) else {
        return out.skip(None, "a key without an ARN or an ID");
    };
    let metadata = match &details.described {
        // Deleted since it was listed.
        Detail::Known(None) => return,
        Detail::Known(metadata) => metadata.as_ref(),
        Detail::Unknown(_) => None,
    };
    let state = metadata.and_then(|it| it.key_state());
    let manager = metadata.and_then(|it| it.key_manager());
    let policy = details.policy.known().and_then(Option::as_deref);
    let list = if manager == Some(&KeyManagerType::Aws) { "defaultKeys" } else { "keys" };

    out.add(
        arn,
        id,
        &CryptoKey {
            id: id.to_owned(),
            key_id: id.to_owned(),
            aliases: aliases.known().map(|it| it.get(id).cloned().unwrap_or_default()),
            status: state.map(|it| it.as_str().to_owned()),
            active: state.map(|it| *it == KeyState::Enabled),
            enabled: metadata.map(|it| it.enabled),
            key_manager: manager.map(|it| it.as_str().to_owned()),
            key_usage: metadata.and_then(|it| it.key_usage()).map(|it| it.as_str().to_owned()),
            key_spec: metadata.and_then(|it| it.key_spec()).map(|it| it.as_str().to_owned()),
            origin: metadata.and_then(|it| it.origin()).map(|it| it.as_str().to_owned()),
            rotation_enabled: details.rotation.known().copied(),
            multi_region: metadata.and_then(|it| it.multi_region),
            created_on: metadata.and_then(|it| it.creation_date()).and_then(millis),
            deleted_on: metadata.and_then(|it| it.deletion_date()).and_then(millis),
            policy: policy.and_then(|it| serde_json::from_str(it).ok()),
            public: policy.and_then(allows_anybody),
        },
    )
    .tags(details.tags.known().cloned().unwrap_or_default())
    .web_link(cx.console(format_args!("kms/home?region={}#/kms/{list}/{id}", cx.region())))
    .unknown(aliases, &["aliases"])
    .unknown(&details.described, DESCRIBED)
    .unknown(&details.rotation, &["rotationEnabled"])
    .unknown(&details.policy, &["policy", "public"])
    .unknown(&details.tags, &["tags"]);
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use orgraph_collect::replay::{self, Fixtures};
    use orgraph_collect::{Facts, run};
    use orgraph_model::{Snapshot, Status};

    use super::*;

    async fn refusing(operation: &'static str, status: u16, code: &'static str) -> Snapshot {
        let fixtures = Fixtures::new(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures"));
        let session = replay::session(move |asked| {
            if asked.operation == operation {
                return replay::error_answer(asked.service, status, code, "no");
            }
            fixtures.answer(asked)
        })
        .await;
        let region = replay::REGION.parse().unwrap();
        run::run(&KEYS, &session, &region, &Arc::new(Facts::default()), chrono::DateTime::UNIX_EPOCH).await
    }

    #[tokio::test(start_paused = true)]
    async fn a_key_that_cannot_be_rotated_is_not_rotated() {
        let snapshot = refusing("GetKeyRotationStatus", 400, "UnsupportedOperationException").await;

        assert_eq!(snapshot.outcome.status, Status::Complete, "{:?}", snapshot.gaps);
        assert!(snapshot.entities.iter().all(|it| it.properties["rotationEnabled"] == false));
    }

    #[tokio::test(start_paused = true)]
    async fn a_key_whose_policy_refuses_keeps_its_names() {
        let snapshot = refusing("DescribeKey", 400, "AccessDeniedException").await;

        assert_eq!(snapshot.outcome.status, Status::Partial);
        assert!(snapshot.may_remove());
        let key = &snapshot.entities[0].properties;
        assert_eq!(key["aliases"], serde_json::json!(["alias/orders"]));
        assert!(DESCRIBED.iter().chain(&["rotationEnabled"]).all(|it| !key.contains_key(*it)), "{key:?}");
    }
}
