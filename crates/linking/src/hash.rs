//! Hashes over what linkers read.

use orgraph_store::Stamp;
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// Takes values one after the other, each with its length, so that no two inputs run together.
pub(crate) struct Hasher(Sha256);

impl Hasher {
    pub(crate) fn new(purpose: &str) -> Self {
        let mut hasher = Self(Sha256::new());
        hasher.text(purpose);
        hasher
    }

    pub(crate) fn text(&mut self, text: &str) {
        self.number(text.len() as u64);
        self.0.update(text);
    }

    pub(crate) fn texts<'a>(&mut self, texts: impl ExactSizeIterator<Item = &'a str>) {
        self.number(texts.len() as u64);
        texts.for_each(|it| self.text(it));
    }

    pub(crate) fn number(&mut self, number: u64) {
        self.0.update(number.to_le_bytes());
    }

    pub(crate) fn id(&mut self, id: Uuid) {
        self.0.update(id.as_bytes());
    }

    pub(crate) fn stamp(&mut self, stamp: Stamp) {
        self.0.update(stamp.low.to_le_bytes());
        self.0.update(stamp.high.to_le_bytes());
    }

    pub(crate) fn finish(self) -> Uuid {
        let digest: [u8; 32] = self.0.finalize().into();
        let mut half = [0; 16];
        half.copy_from_slice(&digest[..16]);
        Uuid::from_bytes(half)
    }
}
