//! The rules of a security group, one for each peer. AWS writes several as one permission when only their peers differ.

use aws_sdk_ec2::types::IpPermission;
use orgraph_collect::prelude::*;

/// What one rule lets through, and from or to whom. What AWS does not say is left out.
#[derive(Serialize, JsonSchema, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "camelCase")]
pub(super) struct Rule {
    /// `tcp`, `udp`, `icmp`, `icmpv6`, the number of another protocol, or `-1` for every protocol.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) protocol: Option<String>,
    /// The first port; the type for ICMP, where `-1` is any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) from_port: Option<i32>,
    /// The last port; the code for ICMP, where `-1` is any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) to_port: Option<i32>,
    /// The peer, if it is a range of addresses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) cidr: Option<String>,
    /// The peer, if it is a prefix list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) prefix_list_id: Option<String>,
    /// The peer, if it is a security group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) group_id: Option<String>,
    /// The account of that group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) group_owner_id: Option<String>,
    /// The VPC of that group, if it is another one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) vpc_id: Option<String>,
    /// The peering connection to that VPC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) vpc_peering_connection_id: Option<String>,
    /// The state of that connection; anything but `active` makes the rule stale.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) peering_status: Option<String>,
    /// What its author says about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) description: Option<String>,
}

/// In an order of their own, since AWS promises none.
pub(super) fn rules(permissions: &[IpPermission]) -> Vec<Rule> {
    let mut rules: Vec<Rule> = permissions.iter().flat_map(rules_of).collect();
    rules.sort_unstable();
    rules
}

fn rules_of(permission: &IpPermission) -> Vec<Rule> {
    let rule = || Rule {
        protocol: permission.ip_protocol.clone(),
        from_port: permission.from_port,
        to_port: permission.to_port,
        ..Rule::default()
    };
    let ipv4 = permission.ip_ranges().iter().map(|it| Rule {
        cidr: it.cidr_ip.clone(),
        description: it.description.clone(),
        ..rule()
    });
    let ipv6 = permission.ipv6_ranges().iter().map(|it| Rule {
        cidr: it.cidr_ipv6.clone(),
        description: it.description.clone(),
        ..rule()
    });
    let groups = permission.user_id_group_pairs().iter().map(|it| Rule {
        group_id: it.group_id.clone(),
        group_owner_id: it.user_id.clone(),
        vpc_id: it.vpc_id.clone(),
        vpc_peering_connection_id: it.vpc_peering_connection_id.clone(),
        peering_status: it.peering_status.clone(),
        description: it.description.clone(),
        ..rule()
    });
    let lists = permission.prefix_list_ids().iter().map(|it| Rule {
        prefix_list_id: it.prefix_list_id.clone(),
        description: it.description.clone(),
        ..rule()
    });
    ipv4.chain(ipv6).chain(groups).chain(lists).collect()
}

#[cfg(test)]
mod tests {
    use aws_sdk_ec2::types::{IpRange, Ipv6Range, PrefixListId, UserIdGroupPair};

    use super::*;

    #[test]
    fn each_peer_of_a_permission_is_a_rule_of_its_own() {
        let permission = IpPermission::builder()
            .ip_protocol("tcp")
            .from_port(443)
            .to_port(443)
            .ip_ranges(IpRange::builder().cidr_ip("10.0.0.0/8").description("inside").build())
            .ipv6_ranges(Ipv6Range::builder().cidr_ipv6("::/0").build())
            .prefix_list_ids(PrefixListId::builder().prefix_list_id("pl-1").build())
            .user_id_group_pairs(
                UserIdGroupPair::builder()
                    .group_id("sg-2")
                    .user_id("222222222222")
                    .vpc_id("vpc-2")
                    .vpc_peering_connection_id("pcx-1")
                    .peering_status("deleted")
                    .build(),
            )
            .build();

        let rules = rules(&[permission]);

        assert!(rules.iter().all(|it| it.protocol.as_deref() == Some("tcp") && it.from_port == Some(443)));
        let peer = |it: &Rule| {
            let parts = [
                &it.cidr,
                &it.prefix_list_id,
                &it.group_id,
                &it.group_owner_id,
                &it.vpc_id,
                &it.vpc_peering_connection_id,
                &it.peering_status,
                &it.description,
            ];
            parts.into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(
            rules.iter().map(peer).collect::<Vec<_>>(),
            ["sg-2 222222222222 vpc-2 pcx-1 deleted", "pl-1", "10.0.0.0/8 inside", "::/0"]
        );
    }

    #[test]
    fn what_aws_does_not_say_is_left_out() {
        let every =
            Rule { protocol: Some("-1".to_owned()), cidr: Some("0.0.0.0/0".to_owned()), ..Rule::default() };

        let written = serde_json::to_string(&every).unwrap();

        assert_eq!(written, r#"{"protocol":"-1","cidr":"0.0.0.0/0"}"#);
    }
}
