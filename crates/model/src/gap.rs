//! What a run could not learn.

use serde::Serialize;

use crate::{Key, Status};

/// What kind of thing is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum GapKind {
    /// A listing did not end, or cannot be trusted: nothing of the partition is removed.
    Listing,
    /// A call about one entity failed: its properties keep their previous values.
    Detail,
    /// One item could not be read: the entity it was before, if its key is known, is kept.
    Item,
    /// A value was altered or dropped so that it could be stored.
    Value,
}

impl GapKind {
    /// The kind stored as `text`.
    pub fn by_name(text: &str) -> Option<Self> {
        [Self::Listing, Self::Detail, Self::Item, Self::Value].into_iter().find(|it| it.as_str() == text)
    }

    /// Whether nothing of the partition may be removed because of such a gap: a listing that cannot be trusted, or an
    /// item that cannot even be named.
    pub(crate) fn forbids_removal(self, is_named: bool) -> bool {
        match self {
            Self::Listing => true,
            Self::Item => !is_named,
            Self::Detail | Self::Value => false,
        }
    }

    /// Whether the entity that such a gap names is kept from being removed.
    pub(crate) fn protects(self) -> bool {
        matches!(self, Self::Detail | Self::Item)
    }

    /// The kind as stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Listing => "listing",
            Self::Detail => "detail",
            Self::Item => "item",
            Self::Value => "value",
        }
    }
}

/// Something a run could not learn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// What kind of thing is missing.
    pub kind: GapKind,
    /// The entity concerned; it and the partition's relationships that touch it are not removed.
    pub key: Option<Key>,
    /// The API operation or the part of the item concerned.
    pub operation: String,
    /// The properties left unknown, which keep their previous values. `tags` stands for all tags.
    pub properties: Vec<String>,
    /// How the call ended.
    pub status: Status,
    /// Why, for a person.
    pub reason: String,
}

impl Gap {
    /// Whether nothing of the partition may be removed because of this gap: a listing that cannot be trusted, or an
    /// item that cannot even be named.
    pub fn forbids_removal(&self) -> bool {
        self.kind.forbids_removal(self.key.is_some())
    }

    /// The key that this gap keeps from being removed.
    pub fn protects(&self) -> Option<&Key> {
        self.key.as_ref().filter(|_| self.kind.protects())
    }
}
