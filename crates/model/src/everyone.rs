//! Everybody: whom the principal `*` of a policy and a grant to all users let in. One entity for the whole graph, which
//! is there as long as something names it.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::vocabulary::EVERYONE;
use crate::{AccountId, Entity, EntityType, Properties, Ref, Region, Source, declare};

/// Everybody, with or without an AWS account.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Everyone {
    /// How a policy names it: `*`.
    principal: &'static str,
    /// Whether it is open to the public: always so.
    public: bool,
    /// Whether somebody has made sure who they are: never so.
    validated: bool,
    /// Whether it counts: always so.
    active: bool,
}

impl declare::Entity for Everyone {
    const TYPE: EntityType = EVERYONE;
}

impl Everyone {
    /// Everybody, as an end of a relationship.
    pub fn at() -> Ref {
        EVERYONE.at("global:everyone")
    }

    /// The entity, the same whoever names it; `by` is the account that does.
    pub fn named_by(by: &AccountId) -> Entity {
        let everyone = Self { principal: "*", public: true, validated: false, active: true };
        let properties = match serde_json::to_value(everyone) {
            Ok(Value::Object(properties)) => properties,
            _ => Properties::new(),
        };
        Entity {
            key: Self::at().key,
            entity_type: EVERYONE,
            source: Source::SystemMapper,
            account: by.clone(),
            region: Region::global(),
            name: Some("everyone".to_owned()),
            display_name: Some("Everyone".to_owned()),
            properties,
            tags: Properties::new(),
            volatile: &[],
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn everyone_is_the_same_whoever_names_it() {
        let named = |by: &str| Everyone::named_by(&by.parse().unwrap());

        let expected = json!({"principal": "*", "public": true, "validated": false, "active": true});
        assert_eq!(Value::Object(named("111111111111").properties), expected);
        assert_eq!(named("111111111111").key, named("222222222222").key);
    }
}
