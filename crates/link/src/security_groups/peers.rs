//! The networks around a security group: its own VPC, those peered with it, and their subnets.

use std::collections::BTreeMap;

use ipnet::IpNet;
use orgraph_model::declare::{Rel, rel};
use orgraph_model::vocabulary::{AWS_SUBNET, AWS_VPC};
use orgraph_model::{Key, Ref, Relationship, Verb};
use serde_json::Value;

use super::rule::range;
use crate::{Fact, Facts};

/// What connects two VPCs.
pub(super) const PEERINGS: Rel = rel(AWS_VPC, Verb::Connects, AWS_VPC);

/// Every network that is known, by the VPC it is or belongs to.
pub(super) struct Peers<'a> {
    vpcs: BTreeMap<&'a str, &'a Fact>,
    subnets: BTreeMap<&'a str, Vec<&'a Fact>>,
    peerings: BTreeMap<&'a str, Vec<Peering<'a>>>,
}

/// An active peering connection, seen from one of its ends.
#[derive(Clone, Copy)]
struct Peering<'a> {
    id: &'a str,
    other: &'a Ref,
    ranges: Option<&'a Value>,
}

/// The networks around one VPC.
#[derive(Default)]
pub(super) struct Surroundings<'a> {
    /// Nearest first: the VPC, those peered with it, its subnets, the subnets of the others.
    near: [Vec<(IpNet, Ref)>; 4],
    peerings: Vec<Peering<'a>>,
}

impl<'a> Peers<'a> {
    pub(super) fn new(own: &'a Facts, found: &'a Facts) -> Self {
        let mut peers = Self { vpcs: BTreeMap::new(), subnets: BTreeMap::new(), peerings: BTreeMap::new() };
        for vpc in own.of(AWS_VPC).chain(found.of(AWS_VPC)) {
            if let Some(id) = vpc.text("vpcId") {
                peers.vpcs.insert(id, vpc);
            }
        }
        for subnet in found.of(AWS_SUBNET) {
            if let Some(vpc_id) = subnet.text("vpcId") {
                peers.subnets.entry(vpc_id).or_default().push(subnet);
            }
        }
        for link in found.relationships().filter(|it| is_active_peering(it)) {
            let id = link.properties.get("vpcPeeringConnectionId").and_then(Value::as_str);
            let id = id.unwrap_or(&link.discriminator);
            let mut add = |this: &'a Ref, other: &'a Ref, ranges: &str| {
                let peering = Peering { id, other, ranges: link.properties.get(ranges) };
                peers.peerings.entry(id_of(&this.key)).or_default().push(peering);
            };
            add(&link.from, &link.to, "accepterCidrs");
            add(&link.to, &link.from, "requesterCidrs");
        }
        peers
    }

    pub(super) fn has_vpc(&self, vpc_id: &str) -> bool {
        self.vpcs.contains_key(vpc_id)
    }

    /// Whether it is one of the ranges of this VPC.
    pub(super) fn is_of_vpc(&self, vpc_id: &str, range: IpNet) -> bool {
        self.vpcs.get(vpc_id).is_some_and(|it| ranges_of(it).contains(&range))
    }

    pub(super) fn around(&self, vpc_id: &str) -> Surroundings<'a> {
        let mut near: [Vec<(IpNet, Ref)>; 4] = Default::default();
        let peerings = self.peerings.get(vpc_id).cloned().unwrap_or_default();
        near[0].extend(self.vpcs.get(vpc_id).into_iter().flat_map(|it| with_ranges(it)));
        near[2].extend(self.subnets_of(vpc_id));
        for peering in &peerings {
            let other = id_of(&peering.other.key);
            let said = peering.ranges.and_then(Value::as_array).into_iter().flatten();
            let said = said.filter_map(|it| range(it.as_str()?)).map(|it| (it, peering.other.clone()));
            near[1].extend(said);
            near[1].extend(self.vpcs.get(other).into_iter().flat_map(|it| with_ranges(it)));
            near[3].extend(self.subnets_of(other));
        }
        Surroundings { near, peerings }
    }

    fn subnets_of(&self, vpc_id: &str) -> impl Iterator<Item = (IpNet, Ref)> {
        self.subnets.get(vpc_id).into_iter().flatten().flat_map(|it| with_ranges(it))
    }
}

impl Surroundings<'_> {
    /// The nearest networks with exactly this range. Two VPCs with the same range can both be peered with a third.
    pub(super) fn with_range(&self, range: IpNet) -> Vec<Ref> {
        for networks in &self.near {
            let with_it = networks.iter().filter(|it| it.0 == range);
            let same: BTreeMap<&Key, &Ref> = with_it.map(|(_, it)| (&it.key, it)).collect();
            if !same.is_empty() {
                return same.into_values().cloned().collect();
            }
        }
        Vec::new()
    }

    /// The region at the other end of a peering connection.
    pub(super) fn region_across(&self, peering_id: &str) -> Option<&str> {
        let peering = self.peerings.iter().find(|it| it.id == peering_id)?;
        peering.other.key.as_str().split(':').nth(3)
    }
}

fn is_active_peering(link: &Relationship) -> bool {
    let ends = (link.from.entity_type, link.verb, link.to.entity_type);
    let status = link.properties.get("status").and_then(Value::as_str);
    ends == (PEERINGS.from, PEERINGS.verb, PEERINGS.to) && status.is_none_or(|it| it == "active")
}

/// The ID at the end of an ARN.
fn id_of(key: &Key) -> &str {
    key.as_str().rsplit('/').next().unwrap_or_default()
}

fn ranges_of(network: &Fact) -> Vec<IpNet> {
    ["CIDR", "CIDRv6", "CIDRs"].iter().flat_map(|it| network.texts(it)).filter_map(range).collect()
}

fn with_ranges(network: &Fact) -> impl Iterator<Item = (IpNet, Ref)> {
    let named = network.at();
    ranges_of(network).into_iter().map(move |it| (it, named.clone()))
}
