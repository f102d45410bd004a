//! Key pairs.

use aws_sdk_ec2::types::KeyPairInfo;
use orgraph_collect::prelude::*;

use crate::keys;
use crate::shape::{console_page, tagged};

pub(crate) static KEY_PAIRS: Collector = Collector {
    name: "ec2_key_pairs",
    service: Service::EC2,
    scope: Scope::Region,
    calls: &[call("DescribeKeyPairs")],
    entities: &[entity::<KeyPair>()],
    relationships: &[rel(AWS_EC2, Has, AWS_KEY_PAIR)],
    collect: |cx, out| Box::pin(key_pairs(cx, out)),
};

/// A key pair for logging in to instances: its fingerprint, never a key.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "AWS and the queries of users name the properties")]
struct KeyPair {
    /// The key pair's ID.
    id: Option<String>,
    /// The name by which instances and policies speak of it.
    key_name: String,
    /// The key pair's ID, under its own name.
    key_pair_id: Option<String>,
    /// The digest of the key.
    fingerprint: Option<String>,
    /// `rsa` or `ed25519`.
    key_type: Option<String>,
    /// What it is for: always `ssh`.
    usage: &'static str,
    /// When it was made or imported, in milliseconds since the epoch.
    created_on: Option<i64>,
}

impl Entity for KeyPair {
    const TYPE: EntityType = AWS_KEY_PAIR;
}

async fn key_pairs(cx: &Cx, out: &mut Batch) -> Result<(), CollectError> {
    let ec2 = client!(aws_sdk_ec2, EC2, cx);
    for listed in ec2.describe_key_pairs().send().await?.key_pairs.unwrap_or_default() {
        key_pair(cx, out, listed);
    }
    Ok(())
}

fn key_pair(cx: &Cx, out: &mut Batch, listed: KeyPairInfo) {
    let Some(name) = listed.key_name else {
        return out.skip(None, "a key pair without a name");
    };
    let id = listed.key_pair_id;
    let link = id.as_deref().map(|id| console_page(cx, "ec2", "KeyPairs:keyPairId", id));
    let added = out
        .add(
            keys::key_pair(cx, &name).key,
            &name,
            &KeyPair {
                id: id.clone(),
                key_name: name.clone(),
                key_pair_id: id,
                fingerprint: listed.key_fingerprint,
                key_type: listed.key_type.map(|it| it.as_str().to_owned()),
                usage: "ssh",
                created_on: listed.create_time.as_ref().and_then(millis),
            },
        )
        .tags(tagged(listed.tags));
    if let Some(link) = link {
        added.web_link(link);
    }
}
