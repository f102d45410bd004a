//! What security groups let through: one relationship for each rule and peer.
//!
//! They say what is configured. Whether something can be reached also depends on routes and network ACLs; that is a
//! question for a query.

mod address;
mod peers;
mod rule;

use std::collections::{BTreeMap, BTreeSet};

use ipnet::IpNet;
use orgraph_model::declare::{entity, rel};
use orgraph_model::vocabulary::{AWS_SECURITY_GROUP, AWS_SUBNET, AWS_VPC, HOST, INTERNET, NETWORK};
use orgraph_model::{AccountId, Entity, Key, Properties, Ref, Region, Relationship, Verb};
use serde_json::Value;

use crate::{Fact, Facts, Input, Linked, Linker, Lookup, placeholder};
use address::{Host, Internet, Network, Rows};
use peers::{PEERINGS, Peers, Surroundings};
use rule::{Direction, Peer, PrefixList, Rule};

pub(crate) static RULES: Linker = Linker {
    name: "security_groups",
    about: "A rule of a security group allows its source to reach the group, or the group to reach its destination.",
    from: &[AWS_SECURITY_GROUP, AWS_VPC],
    names: &[],
    entities: &[entity::<Internet>(), entity::<Network>(), entity::<Host>()],
    relationships: &[
        rel(INTERNET, Verb::Allows, AWS_SECURITY_GROUP),
        rel(NETWORK, Verb::Allows, AWS_SECURITY_GROUP),
        rel(HOST, Verb::Allows, AWS_SECURITY_GROUP),
        rel(AWS_VPC, Verb::Allows, AWS_SECURITY_GROUP),
        rel(AWS_SUBNET, Verb::Allows, AWS_SECURITY_GROUP),
        rel(AWS_SECURITY_GROUP, Verb::Allows, AWS_SECURITY_GROUP),
        rel(AWS_SECURITY_GROUP, Verb::Allows, INTERNET),
        rel(AWS_SECURITY_GROUP, Verb::Allows, NETWORK),
        rel(AWS_SECURITY_GROUP, Verb::Allows, HOST),
        rel(AWS_SECURITY_GROUP, Verb::Allows, AWS_VPC),
        rel(AWS_SECURITY_GROUP, Verb::Allows, AWS_SUBNET),
    ],
    lookups: |input| lookups(input.own),
    link,
    parts: None,
};

/// A group with its rules.
struct Group<'a> {
    fact: &'a Fact,
    vpc_id: Option<&'a str>,
    rules: Vec<(Direction, Rule<'a>)>,
}

impl<'a> Group<'a> {
    /// `None` for a group whose rules nobody has read, such as one that is only named.
    fn of(fact: &'a Fact) -> Option<Self> {
        let ingress = Rule::all(fact.properties.get("ingressRules")?);
        let egress = Rule::all(fact.properties.get("egressRules")?);
        let ingress = ingress.into_iter().map(|it| (Direction::Ingress, it));
        let egress = egress.into_iter().map(|it| (Direction::Egress, it));
        Some(Self { fact, vpc_id: fact.text("vpcId"), rules: ingress.chain(egress).collect() })
    }

    fn all(own: &'a Facts) -> impl Iterator<Item = Self> {
        own.of(AWS_SECURITY_GROUP).filter_map(Self::of)
    }

    fn peers(&self) -> impl Iterator<Item = Peer<'a>> {
        self.rules.iter().filter_map(|(_, rule)| rule.peer())
    }
}

/// The networks that rules may name: peered VPCs, VPCs that others share, and subnets with a range of some rule.
fn lookups(own: &Facts) -> Vec<Lookup> {
    let nothing = Facts::default();
    let known = Peers::new(own, &nothing);
    let (mut peered, mut shared) = (BTreeSet::new(), BTreeSet::new());
    let (mut ranges_v4, mut ranges_v6) = (BTreeSet::new(), BTreeSet::new());
    for group in Group::all(own) {
        let Some(vpc_id) = group.vpc_id else { continue };
        for peer in group.peers() {
            match peer {
                Peer::Range { range, .. } if may_be_of_aws(range) && !known.is_of_vpc(vpc_id, range) => {
                    let ranges = if range.addr().is_ipv4() { &mut ranges_v4 } else { &mut ranges_v6 };
                    ranges.insert(range.to_string());
                    peered.insert(vpc_id.to_lowercase());
                    if !known.has_vpc(vpc_id) {
                        shared.insert(vpc_id.to_lowercase());
                    }
                }
                Peer::Group { peering: Some(_), .. } => {
                    peered.insert(vpc_id.to_lowercase());
                }
                _ => {}
            }
        }
    }
    let mut lookups = Vec::new();
    if !peered.is_empty() {
        lookups.push(Lookup::Relationships { rel: PEERINGS, property: "vpcId", values: peered });
    }
    let by_property =
        [(AWS_VPC, "vpcId", shared), (AWS_SUBNET, "CIDR", ranges_v4), (AWS_SUBNET, "CIDRv6", ranges_v6)];
    lookups.extend(by_property.into_iter().filter(|(_, _, values)| !values.is_empty()).map(
        |(entity_type, property, values)| Lookup::Property { entity_type, property, values: Some(values) },
    ));
    lookups
}

/// Whether AWS lets a VPC or a subnet have a range of this size.
fn may_be_of_aws(range: IpNet) -> bool {
    let sizes = if range.addr().is_ipv4() { 16..=28 } else { 44..=64 };
    sizes.contains(&range.prefix_len())
}

fn link(input: &Input<'_>, found: &Facts) -> Linked {
    let peers = Peers::new(input.own, found);
    let mut surroundings: BTreeMap<&str, Surroundings<'_>> = BTreeMap::new();
    let nowhere = Surroundings::default();
    let lists = PrefixList::all(input.own);
    let mut output = Output {
        account: input.account,
        rows: Rows::new(input.account, &input.settings.trusted_networks),
        lists: &lists,
        entities: BTreeMap::new(),
        relationships: BTreeMap::new(),
    };
    for group in Group::all(input.own) {
        // It is there whether or not a rule happens to name it.
        output.add(output.rows.internet());
        let around = match group.vpc_id {
            Some(vpc_id) => surroundings.entry(vpc_id).or_insert_with(|| peers.around(vpc_id)),
            None => &nowhere,
        };
        for (direction, rule) in &group.rules {
            output.rule(group.fact, *direction, rule, around);
        }
    }
    Linked {
        relationships: output.relationships.into_values().collect(),
        entities: output.entities.into_values().collect(),
    }
}

/// What has been found, one row for each identity.
struct Output<'a> {
    account: &'a AccountId,
    rows: Rows<'a>,
    lists: &'a BTreeMap<&'a str, PrefixList<'a>>,
    entities: BTreeMap<Key, Entity>,
    relationships: BTreeMap<(Key, Key, String), Relationship>,
}

impl Output<'_> {
    fn rule(&mut self, group: &Fact, direction: Direction, rule: &Rule<'_>, around: &Surroundings<'_>) {
        match rule.peer() {
            Some(Peer::Range { range, written }) => {
                for peer in self.range(range, around) {
                    self.allow(group, direction, rule, peer, written, of_range(range));
                }
            }
            Some(Peer::Group { id, owner, peering, stale }) => {
                let owner = owner.unwrap_or(self.account.as_str());
                let region = peering.and_then(|it| around.region_across(it));
                let (peer, cross_account) = self.group(group, id, owner, region);
                let mut more =
                    Properties::from_iter([("crossAccount".to_owned(), Value::Bool(cross_account))]);
                if stale {
                    more.insert("stale".to_owned(), Value::Bool(true));
                }
                self.allow(group, direction, rule, peer, id, more);
            }
            Some(Peer::PrefixList(id)) => self.prefix_list(group, direction, rule, id),
            None => {}
        }
    }

    /// Who has this range: the internet, a VPC or subnet nearby, a single host, or nobody who is known.
    fn range(&mut self, range: IpNet, around: &Surroundings<'_>) -> Vec<Ref> {
        if range.prefix_len() == 0 {
            return vec![self.add(self.rows.internet())];
        }
        let near = around.with_range(range);
        if !near.is_empty() {
            return near;
        }
        let row = if range.prefix_len() == range.max_prefix_len() {
            self.rows.host(range.addr())
        } else {
            self.rows.network(range)
        };
        vec![self.add(row)]
    }

    /// The group of a pair, and whether it is another account's.
    fn group(&mut self, from: &Fact, id: &str, owner: &str, region: Option<&str>) -> (Ref, bool) {
        let aws_partition = from.key.as_str().split(':').nth(1).unwrap_or("aws");
        let region = region.unwrap_or(from.region.as_str());
        let named =
            AWS_SECURITY_GROUP.at(format!("arn:{aws_partition}:ec2:{region}:{owner}:security-group/{id}"));
        if owner == self.account.as_str() {
            return (named, false);
        }
        // AWS itself has groups too, under names such as `amazon-elb`, that are no accounts.
        if let (Ok(owner), Ok(region)) = (owner.parse::<AccountId>(), region.parse::<Region>()) {
            self.add(placeholder::account(aws_partition, &owner));
            self.add(placeholder::placeholder(&named, &owner, region, id));
        }
        (named, true)
    }

    /// The list itself, and the internet when its keeper put all of that into it.
    fn prefix_list(&mut self, group: &Fact, direction: Direction, rule: &Rule<'_>, id: &str) {
        let list = self.lists.get(id);
        let named = ("prefixListId".to_owned(), Value::from(id));
        let everything = list.and_then(PrefixList::everything);
        let network = self.add(self.rows.prefix_list(id, list));
        self.allow(group, direction, rule, network, id, Properties::from_iter([named.clone()]));
        if let Some(everything) = everything {
            let internet = self.add(self.rows.internet());
            let mut more = of_range(everything);
            more.extend([named]);
            self.allow(group, direction, rule, internet, id, more);
        }
    }

    fn allow(
        &mut self,
        group: &Fact,
        direction: Direction,
        rule: &Rule<'_>,
        peer: Ref,
        written: &str,
        more: Properties,
    ) {
        let (from, to) = match direction {
            Direction::Ingress => (peer, group.at()),
            Direction::Egress => (group.at(), peer),
        };
        let discriminator = rule.discriminator(direction, written);
        let identity = (from.key.clone(), to.key.clone(), discriminator.clone());
        // Of two rules that differ in nothing but their descriptions the first one counts.
        self.relationships.entry(identity).or_insert_with(|| {
            let mut properties = rule.properties(direction);
            properties.extend(more);
            Relationship { from, verb: Verb::Allows, to, discriminator, properties }
        });
    }

    fn add(&mut self, row: Entity) -> Ref {
        let named = row.entity_type.at(&row.key);
        self.entities.insert(row.key.clone(), row);
        named
    }
}

fn of_range(range: IpNet) -> Properties {
    let ip_version = if range.addr().is_ipv4() { 4 } else { 6 };
    Properties::from_iter([
        ("cidr".to_owned(), Value::from(range.to_string())),
        ("ipVersion".to_owned(), Value::from(ip_version)),
    ])
}

#[cfg(test)]
mod tests;
