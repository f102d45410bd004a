//! The digest of a partition: one hash that says whether any of its rows differs.

use orgraph_model::{ContentHash, EntityId, Gap};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// What makes a relationship the one it is, within one database.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct RelationshipId {
    pub from: EntityId,
    pub rel_type: i16,
    pub to: EntityId,
    pub discriminator: String,
}

impl RelationshipId {
    /// A short name for it among the other rows of its partition.
    pub(crate) fn row_id(&self) -> Uuid {
        let mut hasher = Sha256::new_with_prefix(b"relationship");
        self.hash_into(&mut hasher);
        first_half(hasher)
    }

    fn hash_into(&self, hasher: &mut Sha256) {
        hasher.update(self.from.as_bytes());
        hasher.update(self.rel_type.to_le_bytes());
        hasher.update(self.to.as_bytes());
        hasher.update((self.discriminator.len() as u64).to_le_bytes());
        hasher.update(self.discriminator.as_bytes());
    }
}

/// The identities and content hashes of all rows of a partition. Give them in any order.
pub(crate) fn digest<'a>(
    entities: impl IntoIterator<Item = (EntityId, ContentHash)>,
    relationships: impl IntoIterator<Item = (&'a RelationshipId, ContentHash)>,
    references: impl IntoIterator<Item = ContentHash>,
) -> Uuid {
    let mut entities: Vec<_> = entities.into_iter().collect();
    let mut relationships: Vec<_> = relationships.into_iter().collect();
    let mut references: Vec<_> = references.into_iter().collect();
    entities.sort_unstable();
    relationships.sort_unstable();
    references.sort_unstable();

    let mut hasher = Sha256::new_with_prefix(b"partition");
    for count in [entities.len(), relationships.len(), references.len()] {
        hasher.update((count as u64).to_le_bytes());
    }
    for (id, hash) in entities {
        hasher.update(id.as_bytes());
        hasher.update(hash.as_bytes());
    }
    for (id, hash) in relationships {
        id.hash_into(&mut hasher);
        hasher.update(hash.as_bytes());
    }
    for hash in references {
        hasher.update(hash.as_bytes());
    }
    first_half(hasher)
}

/// One hash for all gaps, in their order; `None` for none.
pub(crate) fn gaps_digest(gaps: &[Gap]) -> Option<Uuid> {
    if gaps.is_empty() {
        return None;
    }
    let mut hasher = Sha256::new_with_prefix(b"gaps");
    for gap in gaps {
        let key = gap.key.as_ref().map_or("", |it| it.as_str());
        let texts = [gap.kind.as_str(), key, &gap.operation, gap.status.as_str(), &gap.reason];
        for text in texts.into_iter().chain(gap.properties.iter().map(String::as_str)) {
            hasher.update((text.len() as u64).to_le_bytes());
            hasher.update(text.as_bytes());
        }
        hasher.update((gap.properties.len() as u64).to_le_bytes());
    }
    Some(first_half(hasher))
}

fn first_half(hasher: Sha256) -> Uuid {
    let digest: [u8; 32] = hasher.finalize().into();
    let mut half = [0; 16];
    half.copy_from_slice(&digest[..16]);
    Uuid::from_bytes(half)
}
