//! NAT gateways.

use aws_sdk_ec2::types::NatGateway as Listed;
use orgraph_collect::prelude::*;

use crate::keys;
use crate::shape::{PAGE_SIZE, console_page, filled, tagged};

pub(crate) static NAT_GATEWAYS: Collector = Collector {
    name: "ec2_nat_gateways",
    service: Service::EC2,
    scope: Scope::Region,
    calls: &[call("DescribeNatGateways")],
    entities: &[entity::<NatGateway>()],
    relationships: &[
        rel(AWS_EC2, Has, AWS_NAT_GATEWAY),
        rel(AWS_VPC, Has, AWS_NAT_GATEWAY),
        rel(AWS_NAT_GATEWAY, Uses, AWS_ENI),
        rel(AWS_NAT_GATEWAY, Uses, AWS_EIP),
    ],
    collect: |cx, out| Box::pin(nat_gateways(cx, out)),
};

/// A gateway that lets a private network reach out. Gateways that were deleted are left out, though AWS lists them for
/// an hour.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct NatGateway {
    /// The gateway's ID.
    id: String,
    /// At which level it works: always `network`.
    category: [&'static str; 1],
    /// What it does: always `nat`.
    function: [&'static str; 1],
    /// Whether it leads to the internet, rather than to other private networks.
    public: Option<bool>,
    /// `available`, `pending`, `failed` or `deleting`.
    state: Option<String>,
    /// Whether it works.
    active: Option<bool>,
    /// `public` or `private`.
    connectivity_type: Option<String>,
    /// The VPC it is in.
    vpc_id: Option<String>,
    /// The subnet it is in; `null` for one that spans the zones of its VPC.
    subnet_id: Option<String>,
    /// Its primary public address.
    public_ip_address: Option<String>,
    /// Its primary private address.
    private_ip_address: Option<String>,
    /// When it was made, in milliseconds since the epoch.
    created_on: Option<i64>,
}

impl Entity for NatGateway {
    const TYPE: EntityType = AWS_NAT_GATEWAY;
}

async fn nat_gateways(cx: &Cx, out: &mut Batch) -> Result<(), CollectError> {
    let ec2 = client!(aws_sdk_ec2, EC2, cx);
    let mut pages = pages!(cx, ec2.describe_nat_gateways().max_results(PAGE_SIZE), next_token);
    while let Some(page) = pages.next().await? {
        for listed in page.nat_gateways.unwrap_or_default() {
            nat_gateway(cx, out, listed);
        }
    }
    Ok(())
}

fn nat_gateway(cx: &Cx, out: &mut Batch, listed: Listed) {
    let Some(id) = listed.nat_gateway_id else {
        return out.skip(None, "a NAT gateway without an ID");
    };
    let state = listed.state.map(|it| it.as_str().to_owned());
    if state.as_deref() == Some("deleted") {
        return;
    }
    let gateway = keys::nat_gateway(cx, &id);
    let addresses = listed.nat_gateway_addresses.unwrap_or_default();
    let primary = addresses.iter().find(|it| it.is_primary == Some(true)).or(addresses.first());
    let connectivity = listed.connectivity_type.map(|it| it.as_str().to_owned());
    let vpc_id = filled(listed.vpc_id);

    out.add(
        &gateway.key,
        &id,
        &NatGateway {
            id: id.clone(),
            category: ["network"],
            function: ["nat"],
            public: connectivity.as_deref().map(|it| it == "public"),
            active: state.as_deref().map(|it| it == "available"),
            state,
            connectivity_type: connectivity,
            vpc_id: vpc_id.clone(),
            subnet_id: filled(listed.subnet_id),
            public_ip_address: primary.and_then(|it| it.public_ip.clone()),
            private_ip_address: primary.and_then(|it| it.private_ip.clone()),
            created_on: listed.create_time.as_ref().and_then(millis),
        },
    )
    .tags(tagged(listed.tags))
    .web_link(console_page(cx, "vpcconsole", "NatGatewayDetails:natGatewayId", &id));

    if let Some(vpc_id) = vpc_id {
        // The VPC may be shared by another account, whose number is not in the answer.
        out.find_source(AWS_VPC, "vpcId", &vpc_id, Has, gateway.clone());
    }
    for address in addresses {
        if let Some(interface_id) = filled(address.network_interface_id) {
            out.link(gateway.clone(), Uses, keys::interface(cx, None, &interface_id));
        }
        if let Some(allocation_id) = filled(address.allocation_id) {
            out.link(gateway.clone(), Uses, keys::address(cx, &allocation_id));
        }
    }
}
