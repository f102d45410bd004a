//! The digest of a partition: one hash that says whether any of its rows differs.

use orgraph_model::{ContentHash, GapMark};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// The identities and content hashes of all rows of a partition, each kind in the order of its identities, and then
/// how many there are of each kind.
pub(crate) fn digest(
    entities: impl Iterator<Item = (Uuid, ContentHash)>,
    relationships: impl Iterator<Item = (Uuid, ContentHash)>,
    references: impl Iterator<Item = ContentHash>,
) -> Uuid {
    let mut hasher = Sha256::new_with_prefix(b"partition");
    let counts = [
        update(&mut hasher, entities),
        update(&mut hasher, relationships),
        update(&mut hasher, references.map(|it| (it, it))),
    ];
    for count in counts {
        hasher.update(count.to_le_bytes());
    }
    first_half(hasher)
}

fn update(hasher: &mut Sha256, rows: impl Iterator<Item = (Uuid, ContentHash)>) -> u64 {
    let (mut count, mut last) = (0, Uuid::nil());
    let mut bytes = [0; 32];
    for (id, hash) in rows {
        debug_assert!(last <= id, "rows come in the order of their identities");
        bytes[..16].copy_from_slice(id.as_bytes());
        bytes[16..].copy_from_slice(hash.as_bytes());
        hasher.update(bytes);
        (count, last) = (count + 1, id);
    }
    count
}

/// Two sequences that are in order, as one that is in order.
pub(crate) fn merged<T: Ord>(
    one: impl Iterator<Item = T>,
    other: impl Iterator<Item = T>,
) -> impl Iterator<Item = T> {
    let (mut one, mut other) = (one.peekable(), other.peekable());
    std::iter::from_fn(move || match (one.peek(), other.peek()) {
        (Some(first), Some(second)) if second < first => other.next(),
        (Some(_), _) => one.next(),
        (None, _) => other.next(),
    })
}

/// One hash for all gaps, in their order; `None` for none.
pub(crate) fn gaps_digest(gaps: &[GapMark]) -> Option<Uuid> {
    if gaps.is_empty() {
        return None;
    }
    let mut hasher = Sha256::new_with_prefix(b"gaps");
    for gap in gaps {
        hasher.update(gap.hash.as_bytes());
    }
    Some(first_half(hasher))
}

fn first_half(hasher: Sha256) -> Uuid {
    let digest: [u8; 32] = hasher.finalize().into();
    let mut half = [0; 16];
    half.copy_from_slice(&digest[..16]);
    Uuid::from_bytes(half)
}
