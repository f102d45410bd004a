//! One rule of a security group, as its collector stores it.

use std::collections::BTreeMap;
use std::net::IpAddr;

use ipnet::IpNet;
use orgraph_model::Properties;
use orgraph_model::vocabulary::AWS_SECURITY_GROUP;
use serde::Deserialize;
use serde_json::Value;

use crate::Facts;

/// Whether a rule lets something in or out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    Ingress,
    Egress,
}

#[derive(Debug, Default, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Rule<'a> {
    protocol: Option<&'a str>,
    from_port: Option<i64>,
    to_port: Option<i64>,
    cidr: Option<&'a str>,
    prefix_list_id: Option<&'a str>,
    group_id: Option<&'a str>,
    group_owner_id: Option<&'a str>,
    vpc_peering_connection_id: Option<&'a str>,
    peering_status: Option<&'a str>,
    description: Option<&'a str>,
}

/// Who may reach the group, or be reached from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Peer<'a> {
    /// A range of addresses without the bits of a host in it, and as it was written.
    Range { range: IpNet, written: &'a str },
    /// A security group; without an owner it is of the same account.
    Group { id: &'a str, owner: Option<&'a str>, peering: Option<&'a str>, stale: bool },
    /// A prefix list.
    PrefixList(&'a str),
}

/// What a protocol has in place of a port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ports {
    /// The first and the last one.
    Between(i64, i64),
    /// The type and the code of a message, where -1 is any.
    Message(i64, i64),
    /// Nothing that AWS could tell apart.
    Whole,
}

const EVERY_PORT: Ports = Ports::Between(0, 65535);

impl<'a> Rule<'a> {
    /// The rules of one direction in an order of their own.
    pub(super) fn all(stored: &'a Value) -> Vec<Self> {
        let stored = stored.as_array().into_iter().flatten();
        let mut rules: Vec<Self> = stored.filter_map(|it| Rule::deserialize(it).ok()).collect();
        rules.sort_unstable();
        rules
    }

    /// `None` when it names nobody that could be understood.
    pub(super) fn peer(&self) -> Option<Peer<'a>> {
        if let Some(written) = self.cidr {
            return Some(Peer::Range { range: range(written)?, written });
        }
        if let Some(id) = self.group_id {
            let stale = self.peering_status.is_some_and(|it| !it.eq_ignore_ascii_case("active"));
            let (owner, peering) = (self.group_owner_id, self.vpc_peering_connection_id);
            return Some(Peer::Group { id, owner, peering, stale });
        }
        self.prefix_list_id.map(Peer::PrefixList)
    }

    /// Tells it apart from others of the same group and peer.
    pub(super) fn discriminator(&self, direction: Direction, peer: &str) -> String {
        let direction = match direction {
            Direction::Ingress => "ingress",
            Direction::Egress => "egress",
        };
        let protocol = self.protocol();
        match self.ports() {
            Ports::Between(from, to) | Ports::Message(from, to) => {
                format!("{direction}:{protocol}:{from}:{to}:{peer}")
            }
            Ports::Whole => format!("{direction}:{protocol}:::{peer}"),
        }
    }

    /// What it lets through, without its peer.
    pub(super) fn properties(&self, direction: Direction) -> Properties {
        let (inbound, protocol) = (direction == Direction::Ingress, self.protocol());
        let mut properties = Properties::new();
        let mut set = |name: &str, value: Value| drop(properties.insert(name.to_owned(), value));
        set("ingress", Value::Bool(inbound));
        set("inbound", Value::Bool(inbound));
        set("egress", Value::Bool(!inbound));
        set("outbound", Value::Bool(!inbound));
        set("ipProtocol", Value::from(protocol));
        set("protocol", Value::from(protocol));
        set("description", Value::from(self.description));
        match self.ports() {
            Ports::Between(from, to) => {
                set("fromPort", Value::from(from));
                set("toPort", Value::from(to));
                set("portRange", Value::from(port_range(from, to)));
            }
            Ports::Message(kind, code) => {
                set("icmpType", Value::from(kind));
                set("icmpCode", Value::from(code));
            }
            Ports::Whole => {}
        }
        properties
    }

    fn protocol(&self) -> &'a str {
        match self.protocol.unwrap_or("-1") {
            "-1" => "*",
            "1" => "icmp",
            "6" => "tcp",
            "17" => "udp",
            "58" => "icmpv6",
            other => other,
        }
    }

    fn ports(&self) -> Ports {
        match self.protocol() {
            "*" => EVERY_PORT,
            "tcp" | "udp" => {
                let known = |it: Option<i64>| it.filter(|it| *it >= 0);
                match (known(self.from_port), known(self.to_port)) {
                    (None, None) => EVERY_PORT,
                    (from, to) => Ports::Between(from.or(to).unwrap_or(0), to.or(from).unwrap_or(65535)),
                }
            }
            "icmp" | "icmpv6" => Ports::Message(self.from_port.unwrap_or(-1), self.to_port.unwrap_or(-1)),
            _ => Ports::Whole,
        }
    }
}

fn port_range(from: i64, to: i64) -> String {
    match (from, to) {
        (0, 65535) => "*".to_owned(),
        (from, to) if from == to => from.to_string(),
        (from, to) => format!("{from}-{to}"),
    }
}

/// A range without the bits of a host; a single address is a range too.
pub(super) fn range(written: &str) -> Option<IpNet> {
    let written = written.trim();
    let single = || written.parse::<IpAddr>().ok().map(IpNet::from);
    written.parse::<IpNet>().ok().or_else(single).map(|it| it.trunc())
}

/// Ranges of addresses that rules name together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PrefixList<'a> {
    pub(super) name: Option<&'a str>,
    of_aws: bool,
    pub(super) ranges: Vec<IpNet>,
}

impl<'a> PrefixList<'a> {
    /// The lists that the groups of the account name, by ID.
    pub(super) fn all(own: &'a Facts) -> BTreeMap<&'a str, Self> {
        let stored = own.of(AWS_SECURITY_GROUP).filter_map(|it| it.properties.get("prefixLists")?.as_array());
        let lists = stored.flatten().filter_map(|it| {
            let texts = it.get("CIDRs")?.as_array()?.iter().filter_map(Value::as_str);
            let mut ranges: Vec<IpNet> = texts.filter_map(range).collect();
            ranges.sort_unstable();
            let name = it.get("name").and_then(Value::as_str);
            let of_aws = it.get("awsManaged").and_then(Value::as_bool) == Some(true);
            Some((it.get("id")?.as_str()?, Self { name, of_aws, ranges }))
        });
        lists.collect()
    }

    /// The whole internet, if the customer who keeps the list put it there.
    pub(super) fn everything(&self) -> Option<IpNet> {
        self.ranges.iter().find(|it| !self.of_aws && it.prefix_len() == 0).copied()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn written(stored: &Value, direction: Direction) -> (String, Properties) {
        let rule = Rule::deserialize(stored).unwrap();
        (rule.discriminator(direction, "peer"), rule.properties(direction))
    }

    #[test]
    fn protocols_and_ports_are_told_in_one_way() {
        let check = |stored: Value, discriminator: &str, expected: Value| {
            let (found, mut properties) = written(&stored, Direction::Ingress);
            assert_eq!(found, format!("ingress:{discriminator}:peer"), "{stored}");
            assert_eq!(properties["protocol"], properties["ipProtocol"], "{stored}");
            properties.retain(|name, _| {
                ["protocol", "fromPort", "toPort", "portRange", "icmpType", "icmpCode"]
                    .contains(&name.as_str())
            });
            assert_eq!(Value::Object(properties), expected, "{stored}");
        };
        let ports = |protocol: &str, from: i64, to: i64, range: &str| json!({"protocol": protocol, "fromPort": from, "toPort": to, "portRange": range});
        let message = |protocol: &str, kind: i64, code: i64| json!({"protocol": protocol, "icmpType": kind, "icmpCode": code});

        check(json!({"protocol": "-1"}), "*:0:65535", ports("*", 0, 65535, "*"));
        check(
            json!({"protocol": "-1", "fromPort": -1, "toPort": -1}),
            "*:0:65535",
            ports("*", 0, 65535, "*"),
        );
        check(
            json!({"protocol": "tcp", "fromPort": 22, "toPort": 22}),
            "tcp:22:22",
            ports("tcp", 22, 22, "22"),
        );
        check(json!({"protocol": "6", "fromPort": 0, "toPort": 0}), "tcp:0:0", ports("tcp", 0, 0, "0"));
        check(
            json!({"protocol": "tcp", "fromPort": 8000, "toPort": 8100}),
            "tcp:8000:8100",
            ports("tcp", 8000, 8100, "8000-8100"),
        );
        check(json!({"protocol": "17"}), "udp:0:65535", ports("udp", 0, 65535, "*"));
        check(
            json!({"protocol": "udp", "fromPort": 0, "toPort": 65535}),
            "udp:0:65535",
            ports("udp", 0, 65535, "*"),
        );
        check(json!({"protocol": "icmp", "fromPort": 8, "toPort": -1}), "icmp:8:-1", message("icmp", 8, -1));
        check(json!({"protocol": "1", "fromPort": 3, "toPort": 4}), "icmp:3:4", message("icmp", 3, 4));
        check(json!({"protocol": "58"}), "icmpv6:-1:-1", message("icmpv6", -1, -1));
        check(json!({"protocol": "50"}), "50::", json!({"protocol": "50"}));
        check(json!({"protocol": "47", "fromPort": 0, "toPort": 65535}), "47::", json!({"protocol": "47"}));
    }

    #[test]
    fn a_direction_is_said_under_both_names() {
        let (ingress, inbound) =
            written(&json!({"protocol": "-1", "description": "all"}), Direction::Ingress);
        let (egress, outbound) = written(&json!({"protocol": "-1"}), Direction::Egress);

        assert_eq!((ingress.as_str(), egress.as_str()), ("ingress:*:0:65535:peer", "egress:*:0:65535:peer"));
        for (properties, is_inbound) in [(&inbound, true), (&outbound, false)] {
            assert_eq!(
                (&properties["ingress"], &properties["inbound"]),
                (&json!(is_inbound), &json!(is_inbound))
            );
            assert_eq!(
                (&properties["egress"], &properties["outbound"]),
                (&json!(!is_inbound), &json!(!is_inbound))
            );
        }
        assert_eq!((&inbound["description"], &outbound["description"]), (&json!("all"), &Value::Null));
    }

    #[test]
    fn a_range_has_no_bits_of_a_host() {
        let check = |written: &str, expected: Option<&str>| {
            assert_eq!(range(written).map(|it| it.to_string()).as_deref(), expected, "{written}");
        };

        check("10.1.2.3/16", Some("10.1.0.0/16"));
        check("10.1.0.0/16", Some("10.1.0.0/16"));
        check("203.0.113.7/32", Some("203.0.113.7/32"));
        check("203.0.113.7", Some("203.0.113.7/32"));
        check("0.0.0.0/0", Some("0.0.0.0/0"));
        check("2001:0DB8:0:0::1/32", Some("2001:db8::/32"));
        check("0:0:0:0:0:0:0:0/0", Some("::/0"));
        check("10.0.0.0/33", None);
        check("sg-1", None);
    }

    #[test]
    fn a_pair_is_stale_unless_its_connection_is_active() {
        let stale = |status: Value| {
            let stored = json!({"groupId": "sg-1", "peeringStatus": status});
            let rule = Rule::deserialize(&stored).unwrap();
            matches!(rule.peer(), Some(Peer::Group { stale: true, .. }))
        };

        assert!(!stale(Value::Null));
        assert!(!stale(json!("active")));
        assert!(stale(json!("deleted")));
        assert!(stale(json!("rejected")));
    }
}
