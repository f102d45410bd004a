//! VPN gateways.

use aws_sdk_ec2::types::VpnGateway as Listed;
use orgraph_collect::prelude::*;

use crate::keys;
use crate::shape::{console_page, filled, sorted, tagged};

pub(crate) static VPN_GATEWAYS: Collector = Collector {
    name: "ec2_vpn_gateways",
    service: Service::EC2,
    scope: Scope::Region,
    calls: &[call("DescribeVpnGateways")],
    entities: &[entity::<VpnGateway>()],
    relationships: &[rel(AWS_EC2, Has, AWS_VPN_GATEWAY), rel(AWS_VPC, Has, AWS_VPN_GATEWAY)],
    collect: |cx, out| Box::pin(vpn_gateways(cx, out)),
};

/// The AWS end of VPN connections to a VPC. Gateways that were deleted are left out.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct VpnGateway {
    /// The gateway's ID.
    id: String,
    /// At which level it works: always `network`.
    category: [&'static str; 1],
    /// What it does: always `remote-access-gateway`.
    function: [&'static str; 1],
    /// Whether anybody may pass: always false.
    public: bool,
    /// `available`, `pending` or `deleting`.
    state: Option<String>,
    /// Whether it works.
    active: Option<bool>,
    /// The kind of VPN connection: `ipsec.1`.
    r#type: Option<String>,
    /// The autonomous system number of its AWS side.
    amazon_side_asn: Option<i64>,
    /// The VPCs it is attached to.
    vpc_ids: Vec<String>,
    /// The availability zone it was made in, where AWS names one.
    availability_zone: Option<String>,
}

impl Entity for VpnGateway {
    const TYPE: EntityType = AWS_VPN_GATEWAY;
}

async fn vpn_gateways(cx: &Cx, out: &mut Batch) -> Result<(), CollectError> {
    let ec2 = client!(aws_sdk_ec2, EC2, cx);
    for listed in ec2.describe_vpn_gateways().send().await?.vpn_gateways.unwrap_or_default() {
        vpn_gateway(cx, out, listed);
    }
    Ok(())
}

fn vpn_gateway(cx: &Cx, out: &mut Batch, listed: Listed) {
    let Some(id) = listed.vpn_gateway_id else {
        return out.skip(None, "a VPN gateway without an ID");
    };
    let state = listed.state.map(|it| it.as_str().to_owned());
    if state.as_deref() == Some("deleted") {
        return;
    }
    let gateway = keys::vpn_gateway(cx, &id);
    let attachments = listed.vpc_attachments.unwrap_or_default().into_iter();
    let vpc_ids = sorted(
        attachments
            .filter(|it| it.state.as_ref().is_some_and(|it| it.as_str() == "attached"))
            .filter_map(|it| it.vpc_id),
    );

    out.add(
        &gateway.key,
        &id,
        &VpnGateway {
            id: id.clone(),
            category: ["network"],
            function: ["remote-access-gateway"],
            public: false,
            active: state.as_deref().map(|it| it == "available"),
            state,
            r#type: listed.r#type.map(|it| it.as_str().to_owned()),
            amazon_side_asn: listed.amazon_side_asn,
            vpc_ids: vpc_ids.clone(),
            availability_zone: filled(listed.availability_zone),
        },
    )
    .tags(tagged(listed.tags))
    .web_link(console_page(cx, "vpcconsole", "VpnGatewayDetails:VpnGatewayId", &id));

    for vpc_id in vpc_ids {
        // Only the owner of a VPC can attach a gateway to it.
        out.link(keys::vpc(cx, None, &vpc_id), Has, gateway.clone());
    }
}
