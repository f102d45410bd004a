#![doc = include_str!("../README.md")]

pub mod declare;
mod entity_type;
mod everyone;
mod hash;
mod ids;
pub mod services;
mod snapshot;
mod verb;
pub mod vocabulary;

pub use entity_type::{Class, EntityType, Ref};
pub use everyone::Everyone;
pub use hash::{ContentHash, EntityId, NORMALIZER_VERSION};
pub use ids::{AccountId, AwsPartition, InvalidId, Key, Region};
pub use snapshot::{
    Entity, Gap, GapKind, Outcome, Partition, Properties, Reference, Relationship, Snapshot, Source, Status,
};
pub use verb::Verb;
