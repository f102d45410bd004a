//! Subnets.

use aws_sdk_ec2::types::Subnet;
use orgraph_collect::prelude::*;

use super::Networks;
use crate::keys;
use crate::shape::{console_page, filled, netmask, sorted, tagged};

/// A range of a VPC's addresses in one availability zone. One that another account shares belongs to that account.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Shape {
    /// The subnet's ID.
    id: String,
    /// Its range of IPv4 addresses; `null` when it has IPv6 addresses alone.
    #[serde(rename = "CIDR")]
    cidr: Option<String>,
    /// Its first range of IPv6 addresses.
    #[serde(rename = "CIDRv6")]
    cidr_v6: Option<String>,
    /// The netmask of its IPv4 range, such as `255.255.255.0`.
    netmask: Option<String>,
    /// Whether traffic passes between it and the internet: its VPC has an internet gateway, its route table an active
    /// default route to it, and its network ACL lets traffic of the internet in and out. Absent when that is unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    public: Option<bool>,
    /// Whether it is a network of one's own: always true.
    internal: bool,
    /// The VPC it is part of.
    vpc_id: Option<String>,
    /// The account that owns it.
    owner_id: Option<String>,
    /// `available`, `pending` or `unavailable`.
    state: Option<String>,
    /// Whether it can be used.
    active: Option<bool>,
    /// The availability zone it is in.
    availability_zone: Option<String>,
    /// How many of its IPv4 addresses are free. Changes of it alone are not recorded as changes of the subnet.
    available_ip_address_count: Option<i32>,
    /// Whether instances started in it get a public IPv4 address.
    map_public_ip_on_launch: Option<bool>,
    /// Whether it is the one that AWS made for the zone.
    default_for_az: Option<bool>,
}

impl Entity for Shape {
    const TYPE: EntityType = AWS_SUBNET;
    const VOLATILE: &'static [&'static str] = &["availableIpAddressCount"];
}

pub(super) fn subnet(cx: &Cx, out: &mut Batch, listed: &Subnet, networks: &Networks<'_>) {
    let Some(id) = listed.subnet_id() else {
        return out.skip(None, "a subnet without an ID");
    };
    let subnet = keys::subnet(cx, None, id);
    let cidr = filled(listed.cidr_block.clone());
    let associated = listed.ipv6_cidr_block_association_set().iter().filter(|it| {
        let state = it.ipv6_cidr_block_state().and_then(|it| it.state());
        state.is_none_or(|it| it.as_str() == "associated")
    });
    let ranges_v6 = sorted(associated.filter_map(|it| it.ipv6_cidr_block.clone()));
    let vpc_id = filled(listed.vpc_id.clone());

    out.add(
        &subnet.key,
        id,
        &Shape {
            id: id.to_owned(),
            netmask: cidr.as_deref().and_then(netmask),
            cidr,
            cidr_v6: ranges_v6.into_iter().next(),
            public: networks.is_subnet_public(listed),
            internal: true,
            vpc_id: vpc_id.clone(),
            owner_id: listed.owner_id.clone(),
            state: listed.state().map(|it| it.as_str().to_owned()),
            active: listed.state().map(|it| it.as_str() == "available"),
            availability_zone: listed.availability_zone.clone(),
            available_ip_address_count: listed.available_ip_address_count,
            map_public_ip_on_launch: listed.map_public_ip_on_launch,
            default_for_az: listed.default_for_az,
        },
    )
    .tags(tagged(listed.tags.clone()))
    .web_link(console_page(cx, "vpcconsole", "SubnetDetails:subnetId", id));

    if let Some(vpc_id) = vpc_id {
        out.link(keys::vpc(cx, None, &vpc_id), Contains, subnet.clone());
    }
    if let Some((table, implicit)) = networks.route_table(listed)
        && let Some(table_id) = table.route_table_id()
    {
        out.link(subnet, Uses, keys::route_table(cx, table_id)).property("implicit", implicit);
    }
}
