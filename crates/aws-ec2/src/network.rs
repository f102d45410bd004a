//! Networks: VPCs, subnets, route tables, network ACLs and internet gateways, listed together because each says
//! something about the others. Gateways to private networks, security groups and interfaces have files of their own.

mod internet_gateway;
mod network_acl;
mod reach;
mod route_table;
mod subnet;
mod vpc;

use std::collections::{HashMap, HashSet};

use aws_sdk_ec2::types::{FlowLog, InternetGateway, NetworkAcl, RouteTable, Subnet, Vpc, VpcEndpoint};
use orgraph_collect::prelude::*;

use crate::keys;
use crate::shape::{PAGE_SIZE, SMALL_PAGE_SIZE};

pub(crate) static NETWORKS: Collector = Collector {
    name: "ec2_networks",
    service: Service::EC2,
    scope: Scope::Region,
    calls: &[
        call("DescribeVpcs"),
        call("DescribeSubnets"),
        call("DescribeRouteTables"),
        call("DescribeNetworkAcls"),
        call("DescribeInternetGateways"),
        call("DescribeFlowLogs"),
        call("DescribeVpcEndpoints"),
    ],
    entities: &[
        entity::<vpc::Shape>(),
        entity::<subnet::Shape>(),
        entity::<route_table::Shape>(),
        entity::<network_acl::Shape>(),
        entity::<internet_gateway::Shape>(),
    ],
    relationships: &[
        rel(AWS_EC2, Has, AWS_VPC),
        rel(AWS_EC2, Has, AWS_SUBNET),
        rel(AWS_EC2, Has, AWS_ROUTE_TABLE),
        rel(AWS_EC2, Has, AWS_NETWORK_ACL),
        rel(AWS_EC2, Has, AWS_INTERNET_GATEWAY),
        rel(AWS_VPC, Contains, AWS_SUBNET),
        rel(AWS_VPC, Has, AWS_INTERNET_GATEWAY),
        rel(AWS_VPC, Has, AWS_ROUTE_TABLE),
        rel(AWS_VPC, Logs, AWS_S3_BUCKET),
        rel(AWS_VPC, Logs, AWS_CLOUDWATCH_LOG_GROUP),
        rel(AWS_SUBNET, Uses, AWS_ROUTE_TABLE),
        rel(AWS_NETWORK_ACL, Protects, AWS_SUBNET),
        // What this account has put into networks that others share with it.
        rel(AWS_VPC, Has, AWS_NAT_GATEWAY),
        rel(AWS_VPC, Has, AWS_SECURITY_GROUP),
        rel(AWS_LAMBDA_FUNCTION, Has, AWS_VPC),
        rel(AWS_SUBNET, Has, AWS_INSTANCE),
        rel(AWS_SUBNET, Has, AWS_WORKSPACE),
    ],
    collect: |cx, out| Box::pin(networks(cx, out)),
};

/// Everything that was listed, including what other accounts share with this one.
struct Listing {
    vpcs: Vec<Vpc>,
    subnets: Vec<Subnet>,
    route_tables: Vec<RouteTable>,
    network_acls: Vec<NetworkAcl>,
    internet_gateways: Vec<InternetGateway>,
    flow_logs: Detail<Option<Vec<FlowLog>>>,
    endpoints: Detail<Option<Vec<VpcEndpoint>>>,
}

/// What the listing says about each network, found once.
struct Networks<'a> {
    /// The VPCs that an internet gateway is attached to.
    with_gateway: HashSet<&'a str>,
    /// The main route table of each VPC.
    main_tables: HashMap<&'a str, &'a RouteTable>,
    /// The route tables of the subnets that have one of their own.
    own_tables: HashMap<&'a str, &'a RouteTable>,
    /// The network ACL of each subnet.
    network_acls: HashMap<&'a str, &'a NetworkAcl>,
}

async fn networks(cx: &Cx, out: &mut Batch) -> Result<(), CollectError> {
    let listing = list(cx).await?;
    let networks = Networks::of(&listing);
    for vpc in &listing.vpcs {
        if cx.owns(vpc.owner_id()) {
            let public = networks.is_vpc_public(vpc, &listing.subnets);
            vpc::vpc(cx, out, vpc, public, &listing);
        } else {
            shared_vpc(cx, out, vpc);
        }
    }
    for subnet in &listing.subnets {
        if cx.owns(subnet.owner_id()) {
            subnet::subnet(cx, out, subnet, &networks);
        } else {
            shared_subnet(cx, out, subnet);
        }
    }
    for table in listing.route_tables.iter().filter(|it| cx.owns(it.owner_id())) {
        route_table::route_table(cx, out, table);
    }
    for acl in listing.network_acls.iter().filter(|it| cx.owns(it.owner_id())) {
        network_acl::network_acl(cx, out, acl);
    }
    for gateway in listing.internet_gateways.iter().filter(|it| cx.owns(it.owner_id())) {
        internet_gateway::internet_gateway(cx, out, gateway);
    }
    Ok(())
}

async fn list(cx: &Cx) -> Result<Listing, CollectError> {
    let ec2 = client!(aws_sdk_ec2, EC2, cx);
    let vpcs = ec2.describe_vpcs().max_results(PAGE_SIZE);
    let subnets = ec2.describe_subnets().max_results(PAGE_SIZE);
    let route_tables = ec2.describe_route_tables().max_results(SMALL_PAGE_SIZE);
    let network_acls = ec2.describe_network_acls().max_results(PAGE_SIZE);
    let internet_gateways = ec2.describe_internet_gateways().max_results(PAGE_SIZE);
    let flow_logs = ec2.describe_flow_logs().max_results(PAGE_SIZE);
    let endpoints = ec2.describe_vpc_endpoints().max_results(PAGE_SIZE);
    Ok(Listing {
        vpcs: pages!(cx, vpcs, next_token).all(|it| it.vpcs).await?,
        subnets: pages!(cx, subnets, next_token).all(|it| it.subnets).await?,
        route_tables: pages!(cx, route_tables, next_token).all(|it| it.route_tables).await?,
        network_acls: pages!(cx, network_acls, next_token).all(|it| it.network_acls).await?,
        internet_gateways: pages!(cx, internet_gateways, next_token).all(|it| it.internet_gateways).await?,
        flow_logs: detail_pages(pages!(cx, flow_logs, next_token).all(|it| it.flow_logs).await)?,
        endpoints: detail_pages(pages!(cx, endpoints, next_token).all(|it| it.vpc_endpoints).await)?,
    })
}

impl<'a> Networks<'a> {
    fn of(listing: &'a Listing) -> Self {
        let attached = listing.internet_gateways.iter().flat_map(internet_gateway::attached_vpc_ids);
        let mut networks = Self {
            with_gateway: attached.collect(),
            main_tables: HashMap::new(),
            own_tables: HashMap::new(),
            network_acls: HashMap::new(),
        };
        for table in &listing.route_tables {
            for association in route_table::live_associations(table) {
                if let Some(subnet_id) = association.subnet_id() {
                    networks.own_tables.insert(subnet_id, table);
                }
                if let (Some(true), Some(vpc_id)) = (association.main, table.vpc_id()) {
                    networks.main_tables.insert(vpc_id, table);
                }
            }
        }
        for acl in &listing.network_acls {
            for subnet_id in acl.associations().iter().filter_map(|it| it.subnet_id()) {
                networks.network_acls.insert(subnet_id, acl);
            }
        }
        networks
    }

    /// The route table of a subnet, and whether it is its VPC's main one for want of its own.
    fn route_table(&self, subnet: &Subnet) -> Option<(&'a RouteTable, bool)> {
        let own = subnet.subnet_id().and_then(|it| self.own_tables.get(it));
        let main = || subnet.vpc_id().and_then(|it| self.main_tables.get(it));
        own.map(|it| (*it, false)).or_else(|| main().map(|it| (*it, true)))
    }

    /// Whether traffic passes between the internet and a subnet. Unknown where AWS listed no route table or no network
    /// ACL for it, which happens to a subnet that was made between two listings.
    fn is_subnet_public(&self, subnet: &Subnet) -> Option<bool> {
        let (table, _) = self.route_table(subnet)?;
        let acl = subnet.subnet_id().and_then(|it| self.network_acls.get(it))?;
        let with_gateway = subnet.vpc_id().is_some_and(|it| self.with_gateway.contains(it));
        Some(with_gateway && reach::passes(table.routes(), acl.entries()))
    }

    /// Whether a subnet of the VPC is public. One that surely is outweighs any that may be.
    fn is_vpc_public(&self, vpc: &Vpc, subnets: &[Subnet]) -> Option<bool> {
        let own = subnets.iter().filter(|it| it.vpc_id() == vpc.vpc_id());
        let answers: Vec<_> = own.map(|it| self.is_subnet_public(it)).collect();
        if answers.contains(&Some(true)) {
            return Some(true);
        }
        answers.iter().all(Option::is_some).then_some(false)
    }
}

/// A VPC of another account. The collectors of what this account has put into it cannot tell whose it is.
fn shared_vpc(cx: &Cx, out: &mut Batch, listed: &Vpc) {
    let Some(id) = listed.vpc_id() else {
        return out.skip(None, "a VPC without an ID");
    };
    let vpc = keys::vpc(cx, listed.owner_id(), id);
    out.find(vpc.clone(), Has, AWS_NAT_GATEWAY, "vpcId", id);
    out.find(vpc.clone(), Has, AWS_SECURITY_GROUP, "vpcId", id);
    out.find_source(AWS_LAMBDA_FUNCTION, "vpcId", id, Has, vpc);
}

/// A subnet of another account. The collectors of what this account runs in it cannot tell whose it is.
fn shared_subnet(cx: &Cx, out: &mut Batch, listed: &Subnet) {
    let Some(id) = listed.subnet_id() else {
        return out.skip(None, "a subnet without an ID");
    };
    let subnet = keys::subnet(cx, listed.owner_id(), id);
    out.find(subnet.clone(), Has, AWS_INSTANCE, "subnetId", id);
    out.find(subnet, Has, AWS_WORKSPACE, "subnetId", id);
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Arc;

    use orgraph_collect::replay::{self, Fixtures};
    use orgraph_collect::{Facts, run};
    use orgraph_model::Snapshot;
    use serde_json::Value;

    use super::*;

    async fn collected() -> Snapshot {
        let fixtures = Fixtures::new(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures"));
        let session = replay::session(move |asked| fixtures.answer(asked)).await;
        let region = replay::REGION.parse().expect("a region");
        let facts = Arc::new(Facts::default());
        run::run(&NETWORKS, &session, &region, &facts, chrono::DateTime::UNIX_EPOCH).await
    }

    fn property(snapshot: &Snapshot, of: EntityType, name: &str) -> BTreeMap<String, Value> {
        let entities = snapshot.entities.iter().filter(|it| it.entity_type == of);
        entities
            .map(|it| {
                let id = last_segment(it.key.as_str()).to_owned();
                (id, it.properties.get(name).cloned().unwrap_or_default())
            })
            .collect()
    }

    #[tokio::test(start_paused = true)]
    async fn a_subnet_is_public_by_its_routes_and_its_acl_and_a_vpc_by_its_subnets() {
        let snapshot = collected().await;

        let subnets = property(&snapshot, AWS_SUBNET, "public");
        assert_eq!(
            subnets,
            BTreeMap::from([
                ("subnet-0a1b2c3d4e5f60718".to_owned(), Value::Bool(true)),
                ("subnet-0b1b2c3d4e5f60718".to_owned(), Value::Bool(false)),
            ])
        );
        let vpcs = property(&snapshot, AWS_VPC, "public");
        assert_eq!(vpcs, BTreeMap::from([("vpc-0a1b2c3d4e5f60718".to_owned(), Value::Bool(true))]));
    }

    #[tokio::test(start_paused = true)]
    async fn a_subnet_without_a_route_table_of_its_own_uses_the_main_one() {
        let snapshot = collected().await;

        let uses = snapshot.relationships.iter().filter(|it| it.verb == Uses);
        let implicit: BTreeMap<_, _> = uses
            .map(|it| {
                let ends = [&it.from.key, &it.to.key].map(|it| last_segment(it.as_str()));
                (ends, it.properties["implicit"].clone())
            })
            .collect();
        assert_eq!(
            implicit,
            BTreeMap::from([
                (["subnet-0a1b2c3d4e5f60718", "rtb-0a1b2c3d4e5f60718"], Value::Bool(false)),
                (["subnet-0b1b2c3d4e5f60718", "rtb-0b1b2c3d4e5f60718"], Value::Bool(true)),
            ])
        );
    }

    #[tokio::test(start_paused = true)]
    async fn what_others_share_is_linked_to_by_the_key_of_its_owner() {
        let snapshot = collected().await;

        let mut found: Vec<_> = snapshot
            .references
            .iter()
            .map(|it| format!("{} {} {}", it.from.key, it.to_type, it.property))
            .collect();
        found.sort();
        let vpc = "arn:aws:ec2:us-east-1:210987654321:vpc/vpc-0d1b2c3d4e5f60718";
        let subnet = "arn:aws:ec2:us-east-1:210987654321:subnet/subnet-0d1b2c3d4e5f60718";
        assert_eq!(
            found,
            [
                format!("{subnet} aws_instance subnetId"),
                format!("{subnet} aws_workspace subnetId"),
                format!("{vpc} aws_lambda_function vpcId"),
                format!("{vpc} aws_nat_gateway vpcId"),
                format!("{vpc} aws_security_group vpcId"),
            ]
        );
    }
}
