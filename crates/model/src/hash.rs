//! Identities and content hashes: the same value gives the same 128 bits in every run and on every machine.

use serde_json::Value;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::{Entity, Key, Properties, Reference, Relationship};

/// Goes into every content hash. Raise it when the same API answer starts to give other rows, so that digests of
/// before are not mistaken for those of after.
pub const NORMALIZER_VERSION: u8 = 1;

/// The identity of an entity: the first 128 bits of the SHA-256 of its key.
pub type EntityId = Uuid;

/// The first 128 bits of the SHA-256 of what a row says.
pub type ContentHash = Uuid;

impl Key {
    /// The identity of the entity with this key. Computable in SQL as well, by `orgraph.entity_id(text)`.
    pub fn id(&self) -> EntityId {
        first_half(Sha256::new_with_prefix(self.as_str().as_bytes()))
    }
}

impl Entity {
    /// What the entity says, without its volatile properties.
    pub fn content_hash(&self) -> ContentHash {
        let mut hasher = Sha256::new_with_prefix([NORMALIZER_VERSION, b'E']);
        text(&mut hasher, self.key.as_str());
        text(&mut hasher, self.entity_type.name);
        for class in self.entity_type.class {
            text(&mut hasher, class);
        }
        text(&mut hasher, self.source.as_str());
        text(&mut hasher, self.account.as_str());
        text(&mut hasher, self.region.as_str());
        optional(&mut hasher, self.name.as_deref());
        optional(&mut hasher, self.display_name.as_deref());
        object(&mut hasher, &self.properties, self.volatile);
        object(&mut hasher, &self.tags, &[]);
        first_half(hasher)
    }
}

impl Relationship {
    /// What the relationship says besides its ends.
    pub fn content_hash(&self) -> ContentHash {
        let mut hasher = Sha256::new_with_prefix([NORMALIZER_VERSION, b'R']);
        text(&mut hasher, &self.type_name());
        object(&mut hasher, &self.properties, &[]);
        first_half(hasher)
    }
}

impl Reference {
    /// The whole reference: two references with equal hashes are one.
    pub fn content_hash(&self) -> ContentHash {
        let mut hasher = Sha256::new_with_prefix([NORMALIZER_VERSION, b'F']);
        text(&mut hasher, self.from.entity_type.name);
        text(&mut hasher, self.from.key.as_str());
        text(&mut hasher, self.verb.as_str());
        text(&mut hasher, self.to_type.name);
        text(&mut hasher, &self.property);
        text(&mut hasher, &self.value);
        hasher.update([u8::from(self.reversed), u8::from(self.any_region)]);
        object(&mut hasher, &self.properties, &[]);
        first_half(hasher)
    }
}

fn first_half(hasher: Sha256) -> Uuid {
    let digest: [u8; 32] = hasher.finalize().into();
    let mut half = [0; 16];
    half.copy_from_slice(&digest[..16]);
    Uuid::from_bytes(half)
}

/// Length first, so that no two sequences of texts run into the same bytes.
fn text(hasher: &mut Sha256, value: &str) {
    hasher.update((value.len() as u64).to_le_bytes());
    hasher.update(value.as_bytes());
}

fn optional(hasher: &mut Sha256, value: Option<&str>) {
    match value {
        None => hasher.update([0]),
        Some(value) => {
            hasher.update([1]);
            text(hasher, value);
        }
    }
}

/// Members in the order of their names, whatever order the map keeps.
fn object(hasher: &mut Sha256, members: &Properties, except: &[&str]) {
    let mut names: Vec<&String> = members.keys().filter(|it| !except.contains(&it.as_str())).collect();
    names.sort_unstable();
    hasher.update((names.len() as u64).to_le_bytes());
    for name in names {
        text(hasher, name);
        value(hasher, &members[name]);
    }
}

fn value(hasher: &mut Sha256, it: &Value) {
    match it {
        Value::Null => hasher.update([0]),
        Value::Bool(it) => hasher.update([1, u8::from(*it)]),
        Value::Number(it) => {
            hasher.update([2]);
            text(hasher, &it.to_string());
        }
        Value::String(it) => {
            hasher.update([3]);
            text(hasher, it);
        }
        Value::Array(elements) => {
            hasher.update([4]);
            hasher.update((elements.len() as u64).to_le_bytes());
            for element in elements {
                value(hasher, element);
            }
        }
        Value::Object(members) => {
            hasher.update([5]);
            object(hasher, members, &[]);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::vocabulary::AWS_IAM_ROLE;
    use crate::{Region, Source};

    fn role(properties: &Value, volatile: &'static [&'static str]) -> Entity {
        Entity {
            key: Key::from("arn:aws:iam::000000000001:role/r"),
            entity_type: AWS_IAM_ROLE,
            source: Source::Integration,
            account: "000000000001".parse().unwrap(),
            region: Region::global(),
            name: Some("r".to_owned()),
            display_name: None,
            properties: properties.as_object().unwrap().clone(),
            tags: Properties::new(),
            volatile,
        }
    }

    #[test]
    fn an_identity_is_the_first_half_of_sha256() {
        // SHA-256 of "abc" begins ba7816bf 8f01cfea 414140de 5dae2223.
        assert_eq!(Key::from("abc").id().simple().to_string(), "ba7816bf8f01cfea414140de5dae2223");
    }

    #[test]
    fn the_order_of_members_does_not_change_the_hash() {
        let one = role(&json!({"a": 1, "b": {"x": 1, "y": 2}}), &[]);
        let mut other = role(&json!({}), &[]);
        other.properties.insert("b".to_owned(), json!({"y": 2, "x": 1}));
        other.properties.insert("a".to_owned(), json!(1));

        assert_eq!(one.content_hash(), other.content_hash());
    }

    #[test]
    fn a_volatile_property_does_not_change_the_hash() {
        let hash = |seen: i64, volatile| role(&json!({"lastUsedOn": seen}), volatile).content_hash();

        assert_eq!(hash(1, &["lastUsedOn"]), hash(2, &["lastUsedOn"]));
        assert_ne!(hash(1, &[]), hash(2, &[]));
    }

    #[test]
    fn absent_null_and_false_are_three_things() {
        let hashes: std::collections::HashSet<_> = [json!({}), json!({"p": null}), json!({"p": false})]
            .into_iter()
            .map(|it| role(&it, &[]).content_hash())
            .collect();

        assert_eq!(hashes.len(), 3);
    }
}
