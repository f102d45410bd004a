//! Internet gateways.

use aws_sdk_ec2::types::{AttachmentStatus, InternetGateway};
use orgraph_collect::prelude::*;

use crate::keys;
use crate::shape::{console_page, sorted, tagged};

/// The way between a VPC and the internet.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Shape {
    /// The gateway's ID.
    id: String,
    /// At which level it works: always `network`.
    category: [&'static str; 1],
    /// What it does: always `routing`.
    function: [&'static str; 1],
    /// Whether it leads to the internet: always true.
    public: bool,
    /// The VPCs it is attached to.
    vpc_ids: Vec<String>,
    /// The account that owns it.
    owner_id: Option<String>,
    /// The state of its attachment, `available` or in between; `null` when it is attached to nothing.
    state: Option<String>,
    /// Whether it is attached.
    active: bool,
}

impl Entity for Shape {
    const TYPE: EntityType = AWS_INTERNET_GATEWAY;
}

pub(super) fn internet_gateway(cx: &Cx, out: &mut Batch, listed: &InternetGateway) {
    let Some(id) = listed.internet_gateway_id() else {
        return out.skip(None, "an internet gateway without an ID");
    };
    let gateway = keys::internet_gateway(cx, id);
    let vpc_ids = sorted(attached_vpc_ids(listed).map(ToOwned::to_owned));
    let state = listed.attachments().first().and_then(|it| it.state());

    out.add(
        &gateway.key,
        id,
        &Shape {
            id: id.to_owned(),
            category: ["network"],
            function: ["routing"],
            public: true,
            active: !vpc_ids.is_empty(),
            vpc_ids: vpc_ids.clone(),
            owner_id: listed.owner_id.clone(),
            state: state.map(|it| it.as_str().to_owned()),
        },
    )
    .tags(tagged(listed.tags.clone()))
    .web_link(console_page(cx, "vpcconsole", "InternetGateway:internetGatewayId", id));

    for vpc_id in vpc_ids {
        out.link(keys::vpc(cx, None, &vpc_id), Has, gateway.clone());
    }
}

/// The VPCs that a gateway is attached to. AWS writes `available` where its own models say `attached`.
pub(super) fn attached_vpc_ids(gateway: &InternetGateway) -> impl Iterator<Item = &str> {
    let attached = gateway.attachments().iter().filter(|it| {
        let state = it.state().map(AttachmentStatus::as_str);
        matches!(state, Some("available" | "attached"))
    });
    attached.filter_map(|it| it.vpc_id())
}
