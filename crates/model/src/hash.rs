//! Identities and content hashes: the same value gives the same 128 bits in every run and on every machine.

use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::canonical::{object, object_without, optional, text};
use crate::{Entity, Gap, Key, Kind, Reference, Relationship};

/// Goes into every content hash. Raise it when the same API answer starts to give other rows, so that digests of
/// before are not mistaken for those of after.
pub const NORMALIZER_VERSION: u8 = 1;

/// The identity of an entity: the first 128 bits of the SHA-256 of its key.
pub type EntityId = Uuid;

/// The identity of a relationship: the first 128 bits of the SHA-256 of its kind, its ends and its discriminator.
pub type RelationshipId = Uuid;

/// The first 128 bits of the SHA-256 of what a row says.
pub type ContentHash = Uuid;

impl Key {
    /// The identity of the entity with this key. Computable in SQL as well, by `orgraph.entity_id(text)`.
    pub fn id(&self) -> EntityId {
        half_of(self.as_str().as_bytes())
    }
}

impl Entity {
    /// What the entity says, without its volatile properties.
    pub fn content_hash(&self) -> ContentHash {
        RowHasher::default().entity(self)
    }
}

impl Relationship {
    /// What tells the relationship apart from every other.
    pub fn id(&self) -> RelationshipId {
        relationship_id(self.kind().id(), self.from.key.id(), self.to.key.id(), &self.discriminator)
    }

    /// What the relationship says besides its ends.
    pub fn content_hash(&self) -> ContentHash {
        RowHasher::default().relationship(self)
    }
}

impl Reference {
    /// The whole reference: two references with equal hashes are one.
    pub fn content_hash(&self) -> ContentHash {
        RowHasher::default().reference(self)
    }
}

impl Kind {
    /// A short name for the kind, the same in every database.
    pub fn id(&self) -> Uuid {
        kind_id(self.from.name, self.verb.as_str(), self.to.name)
    }
}

/// The identity of the kind of relationship that leads from one type to another.
pub fn kind_id(from_type: &str, verb: &str, to_type: &str) -> Uuid {
    let mut bytes = b"kind".to_vec();
    for part in [from_type, verb, to_type] {
        text(&mut bytes, part);
    }
    half_of(&bytes)
}

/// The identity of the relationship of a kind between two entities.
pub fn relationship_id(kind: Uuid, from: EntityId, to: EntityId, discriminator: &str) -> RelationshipId {
    // What has a fixed length comes first, so that the rest needs none; most fit into one block.
    let mut hasher = Sha256::new_with_prefix(kind.as_bytes());
    hasher.update(from.as_bytes());
    hasher.update(to.as_bytes());
    hasher.update(discriminator.as_bytes());
    first_half(hasher)
}

/// Computes content hashes one after the other, without asking for memory each time.
#[derive(Debug, Default)]
pub(crate) struct RowHasher {
    bytes: Vec<u8>,
}

impl RowHasher {
    pub(crate) fn entity(&mut self, it: &Entity) -> ContentHash {
        let bytes = self.begin(b'E');
        text(bytes, it.key.as_str());
        text(bytes, it.entity_type.name);
        for class in it.entity_type.class {
            text(bytes, class);
        }
        text(bytes, it.source.as_str());
        text(bytes, it.account.as_str());
        text(bytes, it.region.as_str());
        optional(bytes, it.name.as_deref());
        optional(bytes, it.display_name.as_deref());
        object_without(bytes, &it.properties, it.volatile);
        object(bytes, &it.tags);
        half_of(bytes)
    }

    pub(crate) fn relationship(&mut self, it: &Relationship) -> ContentHash {
        let type_name = it.type_name();
        let bytes = self.begin(b'R');
        text(bytes, &type_name);
        object(bytes, &it.properties);
        half_of(bytes)
    }

    pub(crate) fn reference(&mut self, it: &Reference) -> ContentHash {
        let bytes = self.begin(b'F');
        text(bytes, it.from.entity_type.name);
        text(bytes, it.from.key.as_str());
        text(bytes, it.verb.as_str());
        text(bytes, it.to_type.name);
        text(bytes, &it.property);
        text(bytes, &it.value);
        bytes.extend_from_slice(&[u8::from(it.reversed), u8::from(it.any_region)]);
        object(bytes, &it.properties);
        half_of(bytes)
    }

    pub(crate) fn gap(&mut self, it: &Gap) -> ContentHash {
        let bytes = self.begin(b'G');
        text(bytes, it.kind.as_str());
        optional(bytes, it.key.as_ref().map(Key::as_str));
        text(bytes, &it.operation);
        text(bytes, it.status.as_str());
        text(bytes, &it.reason);
        for property in &it.properties {
            text(bytes, property);
        }
        half_of(bytes)
    }

    fn begin(&mut self, what: u8) -> &mut Vec<u8> {
        self.bytes.clear();
        self.bytes.extend_from_slice(&[NORMALIZER_VERSION, what]);
        &mut self.bytes
    }
}

fn half_of(bytes: &[u8]) -> Uuid {
    first_half(Sha256::new_with_prefix(bytes))
}

fn first_half(hasher: Sha256) -> Uuid {
    let digest: [u8; 32] = hasher.finalize().into();
    let mut half = [0; 16];
    half.copy_from_slice(&digest[..16]);
    Uuid::from_bytes(half)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::vocabulary::{AWS_IAM_ROLE, AWS_IAM_USER};
    use crate::{Properties, Region, Source, Verb};

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
    fn a_content_hash_is_the_same_as_in_the_last_release() {
        // A change that is meant raises the version above; any other would make a new version of every row.
        let hash = role(&json!({"a": [1, 2.5, null, "x"], "b": {"c": true}}), &[]).content_hash();

        assert_eq!(hash.simple().to_string(), "2b77277bf25262f3abe00e34772844b6");
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

    #[test]
    fn each_part_of_a_relationship_makes_another_identity() {
        let has = |discriminator: &str| Relationship {
            from: AWS_IAM_ROLE.at("a"),
            verb: Verb::Has,
            to: AWS_IAM_USER.at("b"),
            discriminator: discriminator.to_owned(),
            properties: Properties::new(),
        };
        let back = Relationship { from: AWS_IAM_USER.at("b"), to: AWS_IAM_ROLE.at("a"), ..has("") };
        let others = [has("x"), Relationship { verb: Verb::Uses, ..has("") }, back];

        assert_eq!(has("").id(), has("").id());
        assert!(others.iter().all(|it| it.id() != has("").id()));
    }
}
