//! Elastic IP addresses.

use aws_sdk_ec2::types::Address as Listed;
use orgraph_collect::prelude::*;

use crate::keys;
use crate::shape::{console_page, filled, ip_version, tagged};

pub(crate) static ADDRESSES: Collector = Collector {
    name: "ec2_addresses",
    service: Service::EC2,
    scope: Scope::Region,
    calls: &[call("DescribeAddresses")],
    entities: &[entity::<Address>()],
    relationships: &[rel(AWS_EC2, Has, AWS_EIP), rel(AWS_INSTANCE, Uses, AWS_EIP)],
    collect: |cx, out| Box::pin(addresses(cx, out)),
};

/// An Elastic IP address.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "AWS and the queries of users name the properties")]
struct Address {
    /// The allocation's ID, or the address itself where it has none.
    id: String,
    /// The address.
    ip_address: Option<String>,
    /// The public address.
    public_ip_address: Option<String>,
    /// The private address that it is translated to.
    private_ip_address: Option<String>,
    /// The address family, 4 or 6.
    ip_version: Option<u8>,
    /// Whether it can be reached from the internet: whether there is a public address.
    public: bool,
    /// Whether it is associated with something.
    active: bool,
    /// The allocation's ID.
    allocation_id: Option<String>,
    /// The association's ID.
    association_id: Option<String>,
    /// The instance that it is associated with.
    instance_id: Option<String>,
    /// The network interface that it is associated with.
    network_interface_id: Option<String>,
    /// `vpc` or `standard`.
    domain: Option<String>,
}

impl Entity for Address {
    const TYPE: EntityType = AWS_EIP;
}

async fn addresses(cx: &Cx, out: &mut Batch) -> Result<(), CollectError> {
    let ec2 = client!(aws_sdk_ec2, EC2, cx);
    for listed in ec2.describe_addresses().send().await?.addresses.unwrap_or_default() {
        address(cx, out, listed);
    }
    Ok(())
}

fn address(cx: &Cx, out: &mut Batch, listed: Listed) {
    let allocation_id = filled(listed.allocation_id);
    let public_ip = filled(listed.public_ip);
    let Some(id) = allocation_id.clone().or_else(|| public_ip.clone()) else {
        return out.skip(None, "an address without an allocation and without an address");
    };
    let address = keys::address(cx, &id);
    let instance_id = filled(listed.instance_id);
    let association_id = filled(listed.association_id);
    let ip_address =
        public_ip.clone().or_else(|| filled(listed.carrier_ip)).or_else(|| filled(listed.customer_owned_ip));

    out.add(
        &address.key,
        public_ip.as_deref().unwrap_or(&id),
        &Address {
            id: id.clone(),
            ip_version: ip_address.as_deref().and_then(ip_version),
            ip_address,
            public: public_ip.is_some(),
            public_ip_address: public_ip.clone(),
            private_ip_address: filled(listed.private_ip_address),
            active: association_id.is_some() || instance_id.is_some(),
            allocation_id,
            association_id,
            instance_id: instance_id.clone(),
            network_interface_id: filled(listed.network_interface_id),
            domain: listed.domain.map(|it| it.as_str().to_owned()),
        },
    )
    .tags(tagged(listed.tags))
    .web_link(console_page(cx, "ec2", "ElasticIpDetails:AllocationId", &id));

    if let Some(instance_id) = instance_id {
        out.link(keys::instance(cx, &instance_id), Uses, address);
    }
}
