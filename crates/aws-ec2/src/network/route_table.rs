//! Route tables.

use aws_sdk_ec2::types::{Route as ListedRoute, RouteTable, RouteTableAssociation};
use orgraph_collect::prelude::*;

use super::reach;
use crate::keys;
use crate::shape::{console_page, filled, sorted, tagged};

/// Where the traffic of subnets goes.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Shape {
    /// The table's ID.
    id: String,
    /// The VPC it belongs to.
    vpc_id: Option<String>,
    /// Whether it is the one of the subnets that name none.
    main: bool,
    /// The account that owns it.
    owner_id: Option<String>,
    /// The subnets that name it. Those that use it as the main table of their VPC are not among them.
    subnet_ids: Vec<String>,
    /// Its routes.
    routes: Vec<Route>,
    /// Whether an active default route leads to an internet gateway. One to an egress-only gateway does not count.
    has_internet_route: bool,
    /// The internet gateways that its routes lead to.
    internet_gateway_ids: Vec<String>,
    /// The NAT gateways that its routes lead to.
    nat_gateway_ids: Vec<String>,
    /// The VPC peering connections that its routes lead to.
    peering_connection_ids: Vec<String>,
}

/// One route.
#[derive(Serialize, JsonSchema, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "camelCase")]
struct Route {
    /// A range of addresses, or the ID of a prefix list.
    destination: Option<String>,
    /// The ID or ARN of what it leads to, or `local`.
    target: Option<String>,
    /// `active` or `blackhole`.
    state: Option<String>,
    /// How it came to be: `CreateRouteTable`, `CreateRoute` or `EnableVgwRoutePropagation`.
    origin: Option<String>,
}

impl Entity for Shape {
    const TYPE: EntityType = AWS_ROUTE_TABLE;
}

pub(super) fn route_table(cx: &Cx, out: &mut Batch, listed: &RouteTable) {
    let Some(id) = listed.route_table_id() else {
        return out.skip(None, "a route table without an ID");
    };
    let table = keys::route_table(cx, id);
    let vpc_id = filled(listed.vpc_id.clone());
    let mut routes: Vec<Route> = listed.routes().iter().map(route).collect();
    routes.sort_unstable();
    let gateways = listed.routes().iter().filter_map(|it| it.gateway_id.clone());

    out.add(
        &table.key,
        id,
        &Shape {
            id: id.to_owned(),
            vpc_id: vpc_id.clone(),
            main: live_associations(listed).any(|it| it.main == Some(true)),
            owner_id: listed.owner_id.clone(),
            subnet_ids: sorted(live_associations(listed).filter_map(|it| it.subnet_id.clone())),
            routes,
            has_internet_route: reach::any_leads_to_internet(listed.routes()),
            internet_gateway_ids: sorted(gateways.filter(|it| it.starts_with("igw-"))),
            nat_gateway_ids: sorted(listed.routes().iter().filter_map(|it| it.nat_gateway_id.clone())),
            peering_connection_ids: sorted(
                listed.routes().iter().filter_map(|it| it.vpc_peering_connection_id.clone()),
            ),
        },
    )
    .tags(tagged(listed.tags.clone()))
    .web_link(console_page(cx, "vpcconsole", "RouteTableDetails:RouteTableId", id));

    if let Some(vpc_id) = vpc_id {
        out.link(keys::vpc(cx, None, &vpc_id), Has, table);
    }
}

/// The associations that hold, or are about to.
pub(super) fn live_associations(table: &RouteTable) -> impl Iterator<Item = &RouteTableAssociation> {
    table.associations().iter().filter(|it| {
        let state = it.association_state().and_then(|it| it.state());
        state.is_none_or(|it| matches!(it.as_str(), "associated" | "associating"))
    })
}

fn route(listed: &ListedRoute) -> Route {
    let destination = listed
        .destination_cidr_block()
        .or(listed.destination_ipv6_cidr_block())
        .or(listed.destination_prefix_list_id());
    let target = listed
        .gateway_id()
        .or(listed.nat_gateway_id())
        .or(listed.transit_gateway_id())
        .or(listed.vpc_peering_connection_id())
        .or(listed.egress_only_internet_gateway_id())
        .or(listed.network_interface_id())
        .or(listed.instance_id())
        .or(listed.local_gateway_id())
        .or(listed.carrier_gateway_id())
        .or(listed.core_network_arn())
        .or(listed.odb_network_arn());
    Route {
        destination: destination.map(ToOwned::to_owned),
        target: target.map(ToOwned::to_owned),
        state: listed.state().map(|it| it.as_str().to_owned()),
        origin: listed.origin().map(|it| it.as_str().to_owned()),
    }
}
