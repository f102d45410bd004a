#![doc = include_str!("../README.md")]

pub mod canonical;
pub mod declare;
mod entity_type;
mod everyone;
mod gap;
mod hash;
mod ids;
mod marks;
mod outcome;
mod row;
pub mod services;
mod snapshot;
mod spilled;
mod storable;
mod verb;
pub mod vocabulary;

pub use entity_type::{Class, EntityType, Ref};
pub use everyone::Everyone;
pub use gap::{Gap, GapKind};
pub use hash::{ContentHash, EntityId, NORMALIZER_VERSION, RelationshipId, kind_id, relationship_id};
pub use ids::{AccountId, AwsPartition, InvalidId, Key, Region};
pub use marks::{GapMark, Mark, Marker, Marks, Place, ReferenceMark};
pub use outcome::{Outcome, Status};
pub use row::{Entity, Kind, Properties, Reference, Relationship, Source};
pub use snapshot::{Partition, Snapshot};
pub use spilled::{Rows, RowsError, Spilled};
pub use storable::clean_text;
pub use verb::Verb;
