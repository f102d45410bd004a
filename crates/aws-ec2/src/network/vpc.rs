//! VPCs.

use aws_sdk_ec2::types::{FlowLog, TrafficType, Vpc, VpcCidrBlockState, VpcEndpoint};
use orgraph_collect::prelude::*;

use super::Listing;
use crate::keys;
use crate::shape::{console_page, filled, netmask, sorted, tagged};

/// A virtual private network. One that another account shares belongs to that account.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Shape {
    /// The VPC's ID.
    id: String,
    /// The VPC's ID, under its own name.
    vpc_id: String,
    /// Its first range of IPv4 addresses.
    #[serde(rename = "CIDR")]
    cidr: Option<String>,
    /// Its first range of IPv6 addresses.
    #[serde(rename = "CIDRv6")]
    cidr_v6: Option<String>,
    /// All its ranges of addresses, of both families.
    #[serde(rename = "CIDRs")]
    cidrs: Vec<String>,
    /// The netmask of its first range, such as `255.255.0.0`.
    netmask: Option<String>,
    /// Whether one of its subnets is public. Absent when that is unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    public: Option<bool>,
    /// Whether it is a network of one's own: always true.
    internal: bool,
    /// Whether it is the one that AWS made for the region.
    default: Option<bool>,
    /// The same, under its full name.
    default_vpc: Option<bool>,
    /// `available` or `pending`.
    state: Option<String>,
    /// Whether it can be used.
    active: Option<bool>,
    /// The account that owns it.
    owner_id: Option<String>,
    /// Whether a flow log records its traffic. Flow logs of its subnets alone do not count.
    flow_logs_enabled: Option<bool>,
    /// Whether its instances share hardware with others: `default`, `dedicated` or `host`.
    tenancy: Option<String>,
    /// The services that its endpoints lead to.
    endpoint_service_names: Option<Vec<String>>,
}

impl Entity for Shape {
    const TYPE: EntityType = AWS_VPC;
}

pub(super) fn vpc(cx: &Cx, out: &mut Batch, listed: &Vpc, public: Option<bool>, listing: &Listing) {
    let Some(id) = listed.vpc_id() else {
        return out.skip(None, "a VPC without an ID");
    };
    let vpc = keys::vpc(cx, None, id);
    let associated = listed.cidr_block_association_set().iter();
    let ranges =
        associated.filter(|it| is_associated(it.cidr_block_state())).filter_map(|it| it.cidr_block());
    let associated_v6 = listed.ipv6_cidr_block_association_set().iter();
    let ranges_v6 = associated_v6
        .filter(|it| is_associated(it.ipv6_cidr_block_state()))
        .filter_map(|it| it.ipv6_cidr_block());
    let ranges_v6 = sorted(ranges_v6.map(ToOwned::to_owned));
    let cidr = filled(listed.cidr_block.clone());
    let flow_logs = listing.flow_logs.known().map(|it| it.as_deref().unwrap_or_default());
    let flow_logs: Option<Vec<&FlowLog>> =
        flow_logs.map(|it| it.iter().filter(|it| it.resource_id() == Some(id) && is_live(it)).collect());
    let endpoints = listing.endpoints.known().map(|it| it.as_deref().unwrap_or_default());

    out.add(
        &vpc.key,
        id,
        &Shape {
            id: id.to_owned(),
            vpc_id: id.to_owned(),
            netmask: cidr.as_deref().and_then(netmask),
            cidr_v6: ranges_v6.first().cloned(),
            cidrs: sorted(ranges.map(ToOwned::to_owned).chain(cidr.clone()).chain(ranges_v6)),
            cidr,
            public,
            internal: true,
            default: listed.is_default,
            default_vpc: listed.is_default,
            state: listed.state().map(|it| it.as_str().to_owned()),
            active: listed.state().map(|it| it.as_str() == "available"),
            owner_id: listed.owner_id.clone(),
            flow_logs_enabled: flow_logs.as_ref().map(|it| !it.is_empty()),
            tenancy: listed.instance_tenancy().map(|it| it.as_str().to_owned()),
            endpoint_service_names: endpoints.map(|it| service_names(it, id)),
        },
    )
    .tags(tagged(listed.tags.clone()))
    .web_link(console_page(cx, "vpcconsole", "VpcDetails:VpcId", id))
    .unknown(&listing.flow_logs, &["flowLogsEnabled"])
    .unknown(&listing.endpoints, &["endpointServiceNames"]);

    for flow_log in flow_logs.unwrap_or_default() {
        if let Some(bucket) = bucket_arn(flow_log) {
            out.link(vpc.clone(), Logs, AWS_S3_BUCKET.at(bucket));
        }
        if let Some(group) = log_group_arn(cx, flow_log) {
            // Several flow logs may be written to one group.
            out.link(vpc.clone(), Logs, AWS_CLOUDWATCH_LOG_GROUP.at(group))
                .discriminator(flow_log.flow_log_id().unwrap_or_default())
                .property("flowLogId", flow_log.flow_log_id())
                .property("trafficType", flow_log.traffic_type().map(TrafficType::as_str))
                .property("status", flow_log.flow_log_status());
        }
    }
}

fn is_associated(state: Option<&VpcCidrBlockState>) -> bool {
    let state = state.and_then(|it| it.state());
    state.is_none_or(|it| it.as_str() == "associated")
}

fn is_live(flow_log: &FlowLog) -> bool {
    flow_log.flow_log_status().is_none_or(|it| it == "ACTIVE")
}

/// The bucket that a flow log is written to: its destination without the folder.
fn bucket_arn(flow_log: &FlowLog) -> Option<String> {
    flow_log.log_destination_type().filter(|it| it.as_str() == "s3")?;
    let (bucket, _) =
        flow_log.log_destination()?.split_once('/').unwrap_or((flow_log.log_destination()?, ""));
    Some(bucket.to_owned())
}

/// The log group that a flow log is written to. AWS names an older one by its name alone.
fn log_group_arn(cx: &Cx, flow_log: &FlowLog) -> Option<String> {
    flow_log.log_destination_type().filter(|it| it.as_str() == "cloud-watch-logs")?;
    let named = || flow_log.log_group_name().map(|it| cx.arn("logs", format_args!("log-group:{it}")));
    let arn = flow_log.log_destination().map(ToOwned::to_owned).or_else(named)?;
    Some(arn.trim_end_matches(":*").to_owned())
}

/// Of the endpoints that work. AWS writes their state in small letters, its own models in capitals.
fn service_names(endpoints: &[VpcEndpoint], vpc_id: &str) -> Vec<String> {
    let working = endpoints.iter().filter(|it| {
        it.vpc_id() == Some(vpc_id)
            && it.state().is_some_and(|it| it.as_str().eq_ignore_ascii_case("available"))
    });
    sorted(working.filter_map(|it| it.service_name.clone()))
}

#[cfg(test)]
mod tests {
    use aws_sdk_ec2::types::LogDestinationType;

    use super::*;

    #[test]
    fn the_bucket_of_a_flow_log_is_its_destination_without_the_folder() {
        let check = |kind: LogDestinationType, destination: &str, expected: Option<&str>| {
            let log = FlowLog::builder().log_destination_type(kind).log_destination(destination).build();
            assert_eq!(bucket_arn(&log).as_deref(), expected, "{destination}");
        };

        check(LogDestinationType::S3, "arn:aws:s3:::logs/vpc/", Some("arn:aws:s3:::logs"));
        check(LogDestinationType::S3, "arn:aws:s3:::logs", Some("arn:aws:s3:::logs"));
        check(LogDestinationType::CloudWatchLogs, "arn:aws:logs:us-east-1:1:log-group:a/b", None);
    }
}
