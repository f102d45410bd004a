//! What is found: entities, the relationships between them, and references that give relationships.

use serde_json::{Map, Value};

use crate::{AccountId, EntityType, Key, Ref, Region, Verb};

/// Open-ended properties: camelCase names to JSON values. Absent means unknown, `null` means known to have no value.
pub type Properties = Map<String, Value>;

/// Who says that an entity exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Source {
    /// A collector read it from the API of the account that owns it.
    #[default]
    Integration,
    /// Something else names it: a placeholder that yields to the owner of the key.
    SystemMapper,
}

impl Source {
    /// The `_source` as stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Integration => "integration-managed",
            Self::SystemMapper => "system-mapper",
        }
    }
}

/// One thing found.
#[derive(Debug, Clone, PartialEq)]
pub struct Entity {
    /// Its key, unique over the whole graph.
    pub key: Key,
    /// Its type, which implies its classes.
    pub entity_type: EntityType,
    /// Who says so.
    pub source: Source,
    /// The account it belongs to.
    pub account: AccountId,
    /// The region it lives in.
    pub region: Region,
    /// The tag `Name`, the API's name or the identifier.
    pub name: Option<String>,
    /// What a person would call it.
    pub display_name: Option<String>,
    /// Everything else that is known about it.
    pub properties: Properties,
    /// Tags by key. Values are strings, except the booleans `PII`, `PHI`, `PCI` and `Production`.
    pub tags: Properties,
    /// Names of properties that are stored but do not make a new version when they alone change.
    pub volatile: &'static [&'static str],
}

/// One fact that connects two entities, either of which may not be stored (yet).
#[derive(Debug, Clone, PartialEq)]
pub struct Relationship {
    /// Where it starts.
    pub from: Ref,
    /// What the start does to the end.
    pub verb: Verb,
    /// Where it ends.
    pub to: Ref,
    /// Tells parallel relationships of one verb apart, such as ports; empty when there can be only one.
    pub discriminator: String,
    /// What is known about it.
    pub properties: Properties,
}

/// What two types a relationship connects, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Kind {
    /// The type it starts at.
    pub from: EntityType,
    /// What the start does to the end.
    pub verb: Verb,
    /// The type it ends at.
    pub to: EntityType,
}

impl Relationship {
    /// Its kind.
    pub fn kind(&self) -> Kind {
        Kind { from: self.from.entity_type, verb: self.verb, to: self.to.entity_type }
    }

    /// The `_type`: `{from}_{verb}_{to}` in lower case, without the second `aws_`.
    pub fn type_name(&self) -> String {
        let to = self.to.entity_type.name;
        let to = to.strip_prefix("aws_").unwrap_or(to);
        format!("{}_{}_{to}", self.from.entity_type.name, self.verb.as_str().to_ascii_lowercase())
    }
}

/// A relationship whose other end is known by a property and not by its key. It is resolved within the account and
/// region of the partition (or over all regions when `any_region`), again after every run, and gives one relationship
/// per match.
#[derive(Debug, Clone, PartialEq)]
pub struct Reference {
    /// The end that is known.
    pub from: Ref,
    /// The verb of the relationship it gives.
    pub verb: Verb,
    /// The type of the end that is looked for.
    pub to_type: EntityType,
    /// The property of the other end to compare; an array property matches when one element does. Several, joined by
    /// `+`, match together.
    pub property: String,
    /// The value to find, or the values in the order of the properties, joined by `+`.
    pub value: String,
    /// Whether the known end is the target: `found VERB from` instead of `from VERB found`.
    pub reversed: bool,
    /// Whether the other end may live in another region of the account. If not, it lives in that of the partition or,
    /// where the partition has none, in that of the known end.
    pub any_region: bool,
    /// What is known about the relationship.
    pub properties: Properties,
}

impl Reference {
    /// Narrows it to what has this value of another property too. Neither property may hold an array.
    pub fn and(&mut self, property: &str, value: &str) -> &mut Self {
        self.property = format!("{}+{property}", self.property);
        self.value = format!("{}+{value}", self.value);
        self
    }
}
