//! Everybody, for the buckets that let everybody in by their ACLs and policies. The roles that do bring it themselves.

use std::collections::BTreeSet;

use orgraph_model::declare::{entity, rel};
use orgraph_model::vocabulary::{AWS_S3_BUCKET, EVERYONE};
use orgraph_model::{Entity, Everyone, Verb};

use crate::{Facts, Input, Linked, Linker, Lookup};

pub(crate) static OPEN_BUCKETS: Linker = Linker {
    name: "everyone",
    about: "Everyone is there as long as a bucket lets everyone in.",
    from: &[],
    names: &[AWS_S3_BUCKET],
    entities: &[entity::<Everyone>()],
    relationships: &[],
    lookups,
    link: |input, found| Linked { relationships: Vec::new(), entities: link(input, found) },
    parts: None,
};

/// From what is stored, since a bucket that could not be read this time keeps its relationships.
fn lookups(input: &Input<'_>) -> Vec<Lookup> {
    if input.own.is_empty() {
        return Vec::new();
    }
    vec![Lookup::Relationships {
        rel: rel(AWS_S3_BUCKET, Verb::Allows, EVERYONE),
        property: "accountId",
        values: BTreeSet::from([input.account.to_string()]),
    }]
}

fn link(input: &Input<'_>, found: &Facts) -> Vec<Entity> {
    if found.relationships().next().is_none() { Vec::new() } else { vec![Everyone::named_by(input.account)] }
}

#[cfg(test)]
mod tests {
    use orgraph_model::{Properties, Relationship};
    use serde_json::json;

    use super::*;
    use crate::facts::tests::fact;
    use crate::{Fact, Settings};

    #[test]
    fn everyone_is_there_as_long_as_something_lets_everyone_in() {
        let named = |found: Facts| {
            let (account, settings) = ("111111111111".parse().unwrap(), Settings::default());
            link(&Input { account: &account, own: &Facts::default(), settings: &settings }, &found)
        };
        let open = Relationship {
            from: AWS_S3_BUCKET.at("arn:aws:s3:::open"),
            verb: Verb::Allows,
            to: Everyone::at(),
            discriminator: "policy".to_owned(),
            properties: Properties::new(),
        };

        assert_eq!(named(Facts::default()), []);
        assert_eq!(named(Facts::default().with_relationships(vec![open]))[0].key, Everyone::at().key);
    }

    #[test]
    fn only_an_account_with_buckets_is_asked_about() {
        let asked = |own: Vec<Fact>| {
            let own: Facts = own.into_iter().collect();
            let (account, settings) = ("111111111111".parse().unwrap(), Settings::default());
            lookups(&Input { account: &account, own: &own, settings: &settings }).len()
        };

        assert_eq!(asked(vec![]), 0);
        assert_eq!(asked(vec![fact(AWS_S3_BUCKET, "arn:aws:s3:::b", json!({}))]), 1);
    }
}
