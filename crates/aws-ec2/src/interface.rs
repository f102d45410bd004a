//! Network interfaces.

use std::collections::BTreeSet;

use aws_sdk_ec2::types::{NetworkInterface, NetworkInterfaceAssociation};
use orgraph_collect::prelude::*;

use crate::keys;
use crate::shape::{PAGE_SIZE, console_page, filled, group_ids, is_public_ipv6, tagged};

pub(crate) static INTERFACES: Collector = Collector {
    name: "ec2_interfaces",
    service: Service::EC2,
    scope: Scope::Region,
    calls: &[call("DescribeNetworkInterfaces")],
    entities: &[entity::<Interface>()],
    relationships: &[
        rel(AWS_EC2, Has, AWS_ENI),
        rel(AWS_ENI, Uses, AWS_EIP),
        rel(AWS_SECURITY_GROUP, Protects, AWS_ENI),
    ],
    collect: |cx, out| Box::pin(interfaces(cx, out)),
};

/// A network interface, be it an instance's or one that a service of AWS manages for the account.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "AWS and the queries of users name the properties")]
struct Interface {
    /// The interface's ID.
    id: String,
    /// Its primary private IPv4 address, else its primary IPv6 address.
    ip_address: Option<String>,
    /// Its primary private IPv4 address.
    private_ip_address: Option<String>,
    /// The public IPv4 address of its primary address.
    public_ip_address: Option<String>,
    /// Its private DNS name.
    dns_name: Option<String>,
    /// Its hardware address.
    mac_address: Option<String>,
    /// `interface`, `nat_gateway`, `lambda`, `vpc_endpoint` and so on.
    interface_type: Option<String>,
    /// `in-use`, `available`, `associated` and so on.
    status: Option<String>,
    /// Whether it is attached.
    active: Option<bool>,
    /// Whether it has a public address, of either family.
    public: bool,
    /// What its owner, or the service that made it, says about it.
    description: Option<String>,
    /// The subnet it is in.
    subnet_id: Option<String>,
    /// The VPC it is in.
    vpc_id: Option<String>,
    /// The security groups that filter its traffic.
    security_group_ids: Vec<String>,
    /// The instance it is attached to.
    attached_instance_id: Option<String>,
}

impl Entity for Interface {
    const TYPE: EntityType = AWS_ENI;
}

async fn interfaces(cx: &Cx, out: &mut Batch) -> Result<(), CollectError> {
    let ec2 = client!(aws_sdk_ec2, EC2, cx);
    let mut pages = pages!(cx, ec2.describe_network_interfaces().max_results(PAGE_SIZE), next_token);
    while let Some(page) = pages.next().await? {
        for listed in page.network_interfaces.unwrap_or_default() {
            interface(cx, out, listed);
        }
    }
    Ok(())
}

fn interface(cx: &Cx, out: &mut Batch, listed: NetworkInterface) {
    let Some(id) = listed.network_interface_id.clone() else {
        return out.skip(None, "a network interface without an ID");
    };
    if !cx.owns(listed.owner_id.as_deref()) {
        return;
    }
    let interface = keys::interface(cx, None, &id);
    let groups = group_ids(listed.groups());
    let allocations: BTreeSet<String> =
        associations(&listed).filter(|it| own(cx, it)).filter_map(|it| it.allocation_id.clone()).collect();
    let ipv6 = || listed.ipv6_addresses().iter().filter_map(|it| it.ipv6_address.as_deref());
    let first_ipv6 = ipv6().next().map(ToOwned::to_owned);
    let public = associations(&listed).any(|it| it.public_ip.is_some()) || ipv6().any(is_public_ipv6);
    let private_ip_address = filled(listed.private_ip_address);

    out.add(
        &interface.key,
        &id,
        &Interface {
            id: id.clone(),
            ip_address: private_ip_address.clone().or(first_ipv6),
            private_ip_address,
            public_ip_address: listed.association.and_then(|it| filled(it.public_ip)),
            dns_name: filled(listed.private_dns_name),
            mac_address: listed.mac_address,
            interface_type: listed.interface_type.map(|it| it.as_str().to_owned()),
            active: listed.status.as_ref().map(|it| it.as_str() == "in-use"),
            status: listed.status.map(|it| it.as_str().to_owned()),
            public,
            description: filled(listed.description),
            subnet_id: filled(listed.subnet_id),
            vpc_id: filled(listed.vpc_id),
            security_group_ids: groups.clone(),
            attached_instance_id: listed.attachment.and_then(|it| filled(it.instance_id)),
        },
    )
    .tags(tagged(listed.tag_set))
    .web_link(console_page(cx, "ec2", "NetworkInterface:networkInterfaceId", &id));

    for allocation_id in allocations {
        out.link(interface.clone(), Uses, keys::address(cx, &allocation_id));
    }
    for group_id in groups {
        out.link(keys::security_group(cx, &group_id), Protects, interface.clone());
    }
}

/// Of the interface and of each of its private addresses: the first is repeated among the second.
fn associations(listed: &NetworkInterface) -> impl Iterator<Item = &NetworkInterfaceAssociation> {
    let secondary = listed.private_ip_addresses().iter().filter_map(|it| it.association.as_ref());
    listed.association.iter().chain(secondary)
}

/// A public address may be lent by a service of AWS, which is then named as its owner.
fn own(cx: &Cx, association: &NetworkInterfaceAssociation) -> bool {
    cx.owns(association.ip_owner_id.as_deref())
}
