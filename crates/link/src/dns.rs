//! DNS records and what they lead to.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use orgraph_model::declare::{Rel, rel};
use orgraph_model::vocabulary::{
    AWS_ALB, AWS_API_GATEWAY_REST_API, AWS_API_GATEWAY_V2_API, AWS_CLOUDFRONT_DISTRIBUTION, AWS_DB_INSTANCE,
    AWS_ELASTICACHE_CLUSTER_NODE, AWS_ELB, AWS_INSTANCE, AWS_LB, AWS_NAT_GATEWAY, AWS_NLB,
    AWS_ROUTE53_RECORD, AWS_ROUTE53_ZONE, AWS_TRANSFER_SERVER, AWS_WORKSPACE, HOST,
};
use orgraph_model::{EntityType, Properties, Relationship, Verb};
use serde_json::Value;

use crate::{Fact, Facts, Linked, Linker, Lookup};

pub(crate) static RECORDS: Linker = Linker {
    name: "dns",
    about: "A record leads to the hosts and gateways that have its value as an address or a name.",
    from: &[AWS_ROUTE53_RECORD, AWS_ROUTE53_ZONE],
    names: &[],
    entities: &[],
    relationships: &RELATIONSHIPS,
    lookups: |input| lookups(input.own),
    link: |input, found| Linked::from(link(input.own, found)),
    parts: None,
};

const RELATIONSHIPS: [Rel; TARGETS.len()] = {
    let mut rels = [rel(AWS_ROUTE53_RECORD, Verb::Connects, HOST); TARGETS.len()];
    let mut at = 0;
    while at < TARGETS.len() {
        rels[at] = rel(AWS_ROUTE53_RECORD, Verb::Connects, TARGETS[at].0);
        at += 1;
    }
    rels
};

type Names = &'static [&'static str];

/// What a record can lead to, with the properties that hold public addresses, private addresses and names.
const TARGETS: [(EntityType, Names, Names, Names); 14] = [
    (AWS_INSTANCE, &["publicIpAddress"], &["privateIpAddress"], &["publicDnsName", "hostname"]),
    (AWS_DB_INSTANCE, &[], &[], &["endpoint", "hostname"]),
    (AWS_ELASTICACHE_CLUSTER_NODE, &[], &[], &["endpoint", "hostname"]),
    (AWS_TRANSFER_SERVER, &[], &[], &["hostname"]),
    (AWS_WORKSPACE, &[], &["privateIpAddress"], &["hostname"]),
    (HOST, &["publicIpAddress", "ipAddress"], &["privateIpAddress"], &["hostname"]),
    (AWS_ALB, &[], &[], &["dnsName", "dualstackDnsName"]),
    (AWS_NLB, &[], &[], &["dnsName", "dualstackDnsName"]),
    (AWS_ELB, &[], &[], &["dnsName", "dualstackDnsName"]),
    (AWS_LB, &[], &[], &["dnsName", "dualstackDnsName"]),
    (AWS_CLOUDFRONT_DISTRIBUTION, &[], &[], &["domainName", "aliases"]),
    (AWS_API_GATEWAY_REST_API, &[], &[], &["dnsName"]),
    (AWS_API_GATEWAY_V2_API, &[], &[], &["dnsName"]),
    (AWS_NAT_GATEWAY, &["publicIpAddress"], &["privateIpAddress"], &[]),
];

/// What the value of a record means.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Leads {
    Address(String),
    Name(String),
}

/// The values of a record that may lead somewhere.
fn values(record: &Fact) -> Vec<Leads> {
    let names = record.text("aliasTarget").into_iter().map(|it| Leads::Name(normal_name(it)));
    let kind = record.text("type").unwrap_or_default();
    let written = record.texts("value").filter_map(|value| match kind {
        "A" | "AAAA" => value.trim().parse::<IpAddr>().ok().map(|it| Leads::Address(it.to_string())),
        "CNAME" => Some(Leads::Name(normal_name(value))),
        _ => None,
    });
    let leads = matches!(kind, "A" | "AAAA" | "CNAME");
    names.chain(written).filter(|_| leads).collect()
}

/// Lower case, without the dot at the end and the `dualstack.` in front.
fn normal_name(name: &str) -> String {
    let name = name.trim().trim_end_matches('.').to_ascii_lowercase();
    name.strip_prefix("dualstack.").map(str::to_owned).unwrap_or(name)
}

fn lookups(own: &Facts) -> Vec<Lookup> {
    let (mut addresses, mut names) = (BTreeSet::new(), BTreeSet::new());
    for value in own.of(AWS_ROUTE53_RECORD).flat_map(values) {
        match value {
            Leads::Address(address) => addresses.insert(address),
            Leads::Name(name) => {
                names.insert(format!("dualstack.{name}"));
                names.insert(name)
            }
        };
    }
    let lookup = |entity_type, property, values: &BTreeSet<String>| {
        (!values.is_empty()).then(|| Lookup::Property { entity_type, property, values: Some(values.clone()) })
    };
    TARGETS
        .iter()
        .flat_map(|(entity_type, public, private, named)| {
            let by_address = public.iter().chain(*private).map(|it| lookup(*entity_type, *it, &addresses));
            let by_name = named.iter().map(|it| lookup(*entity_type, *it, &names));
            by_address.chain(by_name).flatten().collect::<Vec<_>>()
        })
        .collect()
}

fn link(own: &Facts, found: &Facts) -> Vec<Relationship> {
    let zones: BTreeMap<&str, &Fact> =
        own.of(AWS_ROUTE53_ZONE).filter_map(|it| Some((it.text("id")?, it))).collect();
    let index = index(found);
    let mut links = Vec::new();
    for record in own.of(AWS_ROUTE53_RECORD) {
        let zone = record.text("zoneId").and_then(|it| zones.get(it));
        let mut linked = BTreeSet::new();
        for value in values(record) {
            let text = match &value {
                Leads::Address(text) | Leads::Name(text) => text,
            };
            for target in index.get(text.as_str()).into_iter().flatten() {
                let is_address = matches!(value, Leads::Address(_));
                if target.is_address == is_address
                    && target.is_reachable(zone)
                    && linked.insert(&target.fact.key)
                {
                    links.push(Relationship {
                        from: record.at(),
                        verb: Verb::Connects,
                        to: target.fact.at(),
                        discriminator: String::new(),
                        properties: Properties::from_iter([(
                            "mappedBy".to_owned(),
                            Value::from(target.property),
                        )]),
                    });
                }
            }
        }
    }
    links
}

/// Something that has an address or a name.
struct Target<'a> {
    fact: &'a Fact,
    property: &'static str,
    is_address: bool,
    is_private: bool,
}

impl Target<'_> {
    /// A private address means something only inside the networks of a private zone.
    fn is_reachable(&self, zone: Option<&&Fact>) -> bool {
        if !self.is_private {
            return true;
        }
        let Some(zone) = zone.filter(|it| it.is("private")) else { return false };
        let network = self.fact.text("vpcId");
        network.is_some_and(|network| zone.texts("vpcIds").any(|it| it == network))
    }
}

fn index(found: &Facts) -> BTreeMap<String, Vec<Target<'_>>> {
    let mut index: BTreeMap<String, Vec<Target<'_>>> = BTreeMap::new();
    for fact in found.iter() {
        let Some((_, public, private, named)) = TARGETS.iter().find(|it| it.0 == fact.entity_type) else {
            continue;
        };
        let properties = public
            .iter()
            .map(|it| (*it, true, false))
            .chain(private.iter().map(|it| (*it, true, true)))
            .chain(named.iter().map(|it| (*it, false, false)));
        for (property, is_address, is_private) in properties {
            for value in fact.texts(property) {
                let value = if is_address { value.to_owned() } else { normal_name(value) };
                let targets = index.entry(value).or_default();
                targets.push(Target { fact, property, is_address, is_private });
            }
        }
    }
    index
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::facts::tests::fact;

    fn record(kind: &str, rest: &serde_json::Value) -> Fact {
        let mut properties = json!({"type": kind, "zoneId": "Z1"});
        properties.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        fact(AWS_ROUTE53_RECORD, "aws_route53_record:Z1:A:www.example.com", properties)
    }

    fn zone(is_private: bool) -> Fact {
        fact(AWS_ROUTE53_ZONE, "zone", json!({"id": "Z1", "private": is_private, "vpcIds": ["vpc-1"]}))
    }

    fn linked(own: Vec<Fact>, found: Vec<Fact>) -> Vec<String> {
        let links = link(&own.into_iter().collect(), &found.into_iter().collect());
        links
            .iter()
            .map(|it| format!("{} by {}", it.to.key, it.properties["mappedBy"].as_str().unwrap()))
            .collect()
    }

    #[test]
    fn a_record_leads_to_what_has_its_value() {
        let found = || {
            vec![
                fact(
                    AWS_INSTANCE,
                    "instance",
                    json!({
                        "publicIpAddress": "203.0.113.7", "privateIpAddress": "10.0.0.1", "vpcId": "vpc-1",
                        "publicDnsName": "ec2-203-0-113-7.compute.amazonaws.com", "hostname": null
                    }),
                ),
                fact(AWS_ALB, "alb", json!({"dnsName": "My-Alb-1.eu-west-1.elb.amazonaws.com"})),
                fact(
                    AWS_CLOUDFRONT_DISTRIBUTION,
                    "cdn",
                    json!({
                        "domainName": "d1.cloudfront.net", "aliases": ["static.example.com"]
                    }),
                ),
                fact(
                    AWS_TRANSFER_SERVER,
                    "sftp",
                    json!({"hostname": "s-1.server.transfer.eu-west-1.amazonaws.com"}),
                ),
            ]
        };
        let check = |kind: &str, rest: serde_json::Value, expected: &[&str]| {
            assert_eq!(linked(vec![record(kind, &rest), zone(false)], found()), expected, "{kind} {rest}");
        };

        check("A", json!({"value": ["203.0.113.7"]}), &["instance by publicIpAddress"]);
        check("A", json!({"value": ["198.51.100.1"]}), &[]);
        check(
            "A",
            json!({"aliasTarget": "dualstack.my-alb-1.eu-west-1.elb.amazonaws.com."}),
            &["alb by dnsName"],
        );
        check("CNAME", json!({"value": ["STATIC.example.com."]}), &["cdn by aliases"]);
        check(
            "CNAME",
            json!({"value": ["s-1.server.transfer.eu-west-1.amazonaws.com"]}),
            &["sftp by hostname"],
        );
        check("TXT", json!({"value": ["203.0.113.7"]}), &[]);
        // In a public zone a private address may be anybody's.
        check("A", json!({"value": ["10.0.0.1"]}), &[]);
    }

    #[test]
    fn a_private_address_counts_inside_the_networks_of_its_private_zone() {
        let inside = fact(AWS_INSTANCE, "inside", json!({"privateIpAddress": "10.0.0.1", "vpcId": "vpc-1"}));
        let outside =
            fact(AWS_INSTANCE, "outside", json!({"privateIpAddress": "10.0.0.1", "vpcId": "vpc-2"}));
        let record = record("A", &json!({"value": ["10.0.0.1"]}));

        assert_eq!(linked(vec![record, zone(true)], vec![inside, outside]), ["inside by privateIpAddress"]);
    }

    #[test]
    fn what_is_looked_up_is_what_the_records_say() {
        let own: Facts = [record("A", &json!({"value": ["2001:DB8::1"]})), zone(false)].into_iter().collect();

        let lookups = lookups(&own);

        let value = Some(BTreeSet::from(["2001:db8::1".to_owned()]));
        let asked = |entity_type, property| {
            lookups.contains(&Lookup::Property { entity_type, property, values: value.clone() })
        };
        assert!(asked(AWS_INSTANCE, "publicIpAddress"));
        assert!(!asked(AWS_ALB, "dnsName"), "no record has a name for a value");
    }

    #[test]
    fn everything_that_is_declared_can_be_given() {
        for (entity_type, public, _, named) in TARGETS {
            let (kind, value, property) = match (public.first(), named.first()) {
                (Some(property), _) => ("A", "203.0.113.7", property),
                (None, Some(property)) => ("CNAME", "name.example.com", property),
                (None, None) => panic!("{entity_type} has neither address nor name"),
            };
            let target = fact(entity_type, "target", json!({*property: value}));
            let links = linked(vec![record(kind, &json!({"value": [value]}))], vec![target]);
            assert_eq!(links, [format!("target by {property}")], "{entity_type}");
        }
    }

    proptest! {
        #[test]
        fn the_order_of_facts_does_not_matter(seed in proptest::collection::vec(0_u8..8, 0..12)) {
            let found: Vec<Fact> = seed
                .iter()
                .enumerate()
                .map(|(at, host)| fact(AWS_INSTANCE, &format!("i{at}"), json!({"publicIpAddress": format!("203.0.113.{host}")})))
                .collect();
            let own = vec![record("A", &json!({"value": ["203.0.113.1", "203.0.113.2"]})), zone(false)];
            let reversed = found.iter().rev().cloned().collect();

            prop_assert_eq!(linked(own.clone(), found), linked(own, reversed));
        }
    }
}
