//! What kinds of thing the graph holds.

use std::fmt;

use crate::{AccountId, Key};

/// A broad kind shared by many types, such as `Host` or `DataStore`: an element of `_class`.
pub type Class = &'static str;

/// A kind of entity: one row of the data model. Compared by name.
#[derive(Clone, Copy)]
pub struct EntityType {
    /// The `_type`, for instance `aws_instance`.
    pub name: &'static str,
    /// The `_class`, in the order of the data model.
    pub class: &'static [Class],
    /// Whether several partitions contribute properties to one entity (`aws_account`). Such an entity is the merge
    /// of its contributions, and none of the contributors can remove what another one wrote.
    pub shared: bool,
}

impl EntityType {
    /// A reference to the entity of this type with the given key.
    pub fn at(self, key: impl Into<Key>) -> Ref {
        Ref { entity_type: self, key: key.into() }
    }

    /// A reference to the one entity of this type in an account: the service entities, `aws_ec2:{account}`.
    pub fn of_account(self, account: &AccountId) -> Ref {
        self.at(format!("{}:{account}", self.name))
    }
}

impl PartialEq for EntityType {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for EntityType {}

impl std::hash::Hash for EntityType {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

impl fmt::Debug for EntityType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl fmt::Display for EntityType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// One entity named by type and key, whether or not it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Ref {
    /// Its type.
    pub entity_type: EntityType,
    /// Its key.
    pub key: Key,
}
