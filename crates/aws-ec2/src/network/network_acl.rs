//! Network ACLs.

use aws_sdk_ec2::types::{NetworkAcl, NetworkAclEntry};
use orgraph_collect::prelude::*;

use super::reach;
use crate::keys;
use crate::shape::{console_page, filled, sorted, tagged};

/// A list of rules on what may pass into and out of subnets, tried in order.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Shape {
    /// The ACL's ID.
    id: String,
    /// What it filters: always `network`.
    category: [&'static str; 1],
    /// Whether answers may pass without a rule of their own: always false.
    is_stateful: bool,
    /// Whether it is the one that AWS made with the VPC.
    default: Option<bool>,
    /// The VPC it belongs to.
    vpc_id: Option<String>,
    /// The subnets it filters.
    subnet_ids: Vec<String>,
    /// The account that owns it.
    owner_id: Option<String>,
    /// The rules on what comes in, in order.
    ingress_rules: Vec<Entry>,
    /// The rules on what goes out, in order.
    egress_rules: Vec<Entry>,
    /// Whether something of the internet may come in.
    allows_internet_ingress: bool,
}

/// One rule.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Entry {
    /// Its place in the order. The last is 32767, or 32768 for IPv6.
    rule_number: Option<i32>,
    /// `tcp`, `udp`, `icmp`, `icmpv6`, another protocol's number, or `*` for all.
    protocol: Option<String>,
    /// The range of addresses, of either family.
    cidr: Option<String>,
    /// The first port; `null` when ports do not matter.
    from_port: Option<i32>,
    /// The last port; `null` when ports do not matter.
    to_port: Option<i32>,
    /// `allow` or `deny`.
    action: Option<String>,
}

impl Entity for Shape {
    const TYPE: EntityType = AWS_NETWORK_ACL;
}

pub(super) fn network_acl(cx: &Cx, out: &mut Batch, listed: &NetworkAcl) {
    let Some(id) = listed.network_acl_id() else {
        return out.skip(None, "a network ACL without an ID");
    };
    let acl = keys::network_acl(cx, id);
    let subnet_ids = sorted(listed.associations().iter().filter_map(|it| it.subnet_id.clone()));
    let (egress, ingress): (Vec<_>, Vec<_>) = listed.entries().iter().partition(|it| it.egress == Some(true));

    out.add(
        &acl.key,
        id,
        &Shape {
            id: id.to_owned(),
            category: ["network"],
            is_stateful: false,
            default: listed.is_default,
            vpc_id: filled(listed.vpc_id.clone()),
            subnet_ids: subnet_ids.clone(),
            owner_id: listed.owner_id.clone(),
            ingress_rules: in_order(ingress),
            egress_rules: in_order(egress),
            allows_internet_ingress: reach::allows_in(listed.entries()),
        },
    )
    .tags(tagged(listed.tags.clone()))
    .web_link(console_page(cx, "vpcconsole", "NetworkAclDetails:networkAclId", id));

    for subnet_id in subnet_ids {
        // An ACL and its subnets belong to the owner of the VPC.
        out.link(acl.clone(), Protects, keys::subnet(cx, None, &subnet_id));
    }
}

fn in_order(mut entries: Vec<&NetworkAclEntry>) -> Vec<Entry> {
    entries.sort_by_key(|it| it.rule_number);
    entries.into_iter().map(shaped).collect()
}

fn shaped(entry: &NetworkAclEntry) -> Entry {
    let ports = entry.port_range();
    Entry {
        rule_number: entry.rule_number,
        protocol: entry.protocol().map(protocol),
        cidr: entry.cidr_block().or(entry.ipv6_cidr_block()).map(ToOwned::to_owned),
        from_port: ports.and_then(|it| it.from),
        to_port: ports.and_then(|it| it.to),
        action: entry.rule_action().map(|it| it.as_str().to_owned()),
    }
}

/// AWS writes protocols as their numbers here.
fn protocol(number: &str) -> String {
    let name = match number {
        "-1" => "*",
        "1" => "icmp",
        "6" => "tcp",
        "17" => "udp",
        "58" => "icmpv6",
        other => other,
    };
    name.to_owned()
}
