//! Registered domains and the zones below them.

use std::collections::BTreeMap;

use orgraph_model::declare::rel;
use orgraph_model::vocabulary::{AWS_ROUTE53_DOMAIN, AWS_ROUTE53_ZONE, DOMAIN};
use orgraph_model::{Properties, Relationship, Verb};

use crate::{Fact, Facts, Linked, Linker, Lookup};

pub(crate) static ZONES: Linker = Linker {
    name: "domains",
    about: "The longest registered domain that a public zone's name is, or is below, has the zone.",
    from: &[AWS_ROUTE53_ZONE],
    names: &[],
    entities: &[],
    relationships: &[
        rel(AWS_ROUTE53_DOMAIN, Verb::Has, AWS_ROUTE53_ZONE),
        rel(DOMAIN, Verb::Has, AWS_ROUTE53_ZONE),
    ],
    lookups: |input| lookups(input.own),
    link: |input, found| Linked::from(link(input.own, found)),
    parts: None,
};

fn public_zones(own: &Facts) -> impl Iterator<Item = (&Fact, String)> {
    let public = own.of(AWS_ROUTE53_ZONE).filter(|it| it.is("public"));
    public.filter_map(|it| Some((it, normal_name(it.text("domainName")?))))
}

fn normal_name(name: &str) -> String {
    name.trim_end_matches('.').to_ascii_lowercase()
}

/// The name and its parents, longest first: `a.b.c`, `b.c`, `c`.
fn with_parents(name: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(name), |it| it.split_once('.').map(|(_, parent)| parent))
}

fn lookups(own: &Facts) -> Vec<Lookup> {
    let zones: Vec<String> = public_zones(own).map(|it| it.1).collect();
    if zones.is_empty() {
        return Vec::new();
    }
    let values = Some(zones.iter().flat_map(|it| with_parents(it)).map(str::to_owned).collect());
    let lookup =
        |entity_type| Lookup::Property { entity_type, property: "domainName", values: values.clone() };
    [AWS_ROUTE53_DOMAIN, DOMAIN].map(lookup).to_vec()
}

fn link(own: &Facts, found: &Facts) -> Vec<Relationship> {
    let mut domains: BTreeMap<String, &Fact> = BTreeMap::new();
    // A domain that is registered on Route 53 is that one, whatever the operator lists too.
    for domain in found.of(DOMAIN).chain(found.of(AWS_ROUTE53_DOMAIN)) {
        if let Some(name) = domain.text("domainName") {
            domains.insert(normal_name(name), domain);
        }
    }
    public_zones(own)
        .filter_map(|(zone, name)| {
            let domain = with_parents(&name).find_map(|it| domains.get(it))?;
            Some(Relationship {
                from: domain.at(),
                verb: Verb::Has,
                to: zone.at(),
                discriminator: String::new(),
                properties: Properties::new(),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::facts::tests::fact;

    fn owner_of(zone: &str, is_public: bool) -> Option<String> {
        let zone = fact(AWS_ROUTE53_ZONE, "zone", json!({"domainName": zone, "public": is_public}));
        let domain = |entity_type, key: &str, name: &str| fact(entity_type, key, json!({"domainName": name}));
        let found = [
            domain(AWS_ROUTE53_DOMAIN, "registered", "example.com"),
            domain(DOMAIN, "foreign", "Example.com"),
            domain(DOMAIN, "foreign-dev", "dev.example.com"),
            domain(DOMAIN, "foreign-org", "example.org"),
        ];
        let own: Facts = [zone].into_iter().collect();
        let links = link(&own, &found.into_iter().collect());
        assert!(links.len() < 2);
        links.first().map(|it| it.from.key.to_string())
    }

    #[test]
    fn the_longest_domain_label_by_label_has_the_zone() {
        assert_eq!(owner_of("example.com.", true).as_deref(), Some("registered"));
        assert_eq!(owner_of("www.example.com", true).as_deref(), Some("registered"));
        assert_eq!(owner_of("a.dev.example.com", true).as_deref(), Some("foreign-dev"));
        assert_eq!(owner_of("EXAMPLE.org", true).as_deref(), Some("foreign-org"));
        assert_eq!(owner_of("badexample.com", true), None);
        assert_eq!(owner_of("com", true), None);
    }

    #[test]
    fn a_private_zone_belongs_to_no_registered_domain() {
        assert_eq!(owner_of("example.com", false), None);
    }

    #[test]
    fn every_parent_is_looked_up() {
        let zone = fact(AWS_ROUTE53_ZONE, "zone", json!({"domainName": "a.B.c", "public": true}));
        let lookups = lookups(&[zone].into_iter().collect());

        let Lookup::Property { values, .. } = &lookups[0] else { panic!("by property") };
        let values: Vec<&String> = values.iter().flatten().collect();
        assert_eq!(values, ["a.b.c", "b.c", "c"]);
        assert_eq!(lookups.len(), 2);
    }
}
