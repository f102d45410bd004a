//! What those who write entities and relationships declare about them. Documentation, SQL views and coverage are derived
//! from these values.

use schemars::{JsonSchema, Schema};
use serde::Serialize;

use crate::{EntityType, Verb};

/// The shape of one type of entity. Fields are properties: `None` becomes `null`, which means known to have no value;
/// a property that could not be read is absent.
pub trait Entity: Serialize + JsonSchema {
    /// Its type.
    const TYPE: EntityType;
    /// Properties that change on every read and do not make a new version by themselves.
    const VOLATILE: &'static [&'static str] = &[];
    /// Whether the account in an ARN that is its key is the one that owns it. Not so for an SNS subscription, whose ARN
    /// begins with that of its topic.
    const ARN_NAMES_OWNER: bool = true;
}

/// A declared entity type with the shape of its properties.
#[derive(Clone, Copy)]
pub struct Declared {
    /// The type.
    pub entity_type: EntityType,
    /// The JSON Schema of its own properties, with the doc comments as descriptions.
    pub schema: fn() -> Schema,
    /// Properties that do not make a new version by themselves.
    pub volatile: &'static [&'static str],
}

/// Declares an entity.
pub const fn entity<E: Entity>() -> Declared {
    Declared { entity_type: E::TYPE, schema: schema_of::<E>, volatile: E::VOLATILE }
}

fn schema_of<E: JsonSchema>() -> Schema {
    schemars::schema_for!(E)
}

/// A declared relationship.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rel {
    /// The type it starts at.
    pub from: EntityType,
    /// What the start does to the end.
    pub verb: Verb,
    /// The type it ends at.
    pub to: EntityType,
}

/// Declares a relationship.
pub const fn rel(from: EntityType, verb: Verb, to: EntityType) -> Rel {
    Rel { from, verb, to }
}
