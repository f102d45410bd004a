//! What rules name that belongs to nobody in the graph: the internet, ranges of addresses and single addresses.

use std::net::IpAddr;
use std::sync::LazyLock;

use ipnet::IpNet;
use orgraph_model::declare::Entity as Declare;
use orgraph_model::vocabulary::{HOST, INTERNET, NETWORK};
use orgraph_model::{AccountId, Entity, EntityType, Key, Properties, Region, Source};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::rule::PrefixList;

/// Everybody and everything: all addresses. There is one in the whole graph.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Internet {
    /// All of IPv4: `0.0.0.0/0`.
    #[serde(rename = "CIDR")]
    cidr: &'static str,
    /// All of IPv6: `::/0`.
    #[serde(rename = "CIDRv6")]
    cidr_v6: &'static str,
    /// Whether its addresses are routed on the internet: always true.
    public: bool,
    /// Whether it is a network of one's own: always false.
    internal: bool,
}

/// A range of addresses, or a prefix list, that a rule of a security group names and that is no VPC or subnet there.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Network {
    /// Its range, if that is one of IPv4; `null` for a prefix list.
    #[serde(rename = "CIDR")]
    cidr: Option<String>,
    /// Its range, if that is one of IPv6; `null` for a prefix list.
    #[serde(rename = "CIDRv6")]
    cidr_v6: Option<String>,
    /// Its ranges, several of them for a prefix list. Absent when the list could not be read.
    #[serde(rename = "CIDRs", skip_serializing_if = "Option::is_none")]
    cidrs: Option<Vec<String>>,
    /// The netmask of an IPv4 range, such as `255.255.0.0`.
    netmask: Option<String>,
    /// Whether its addresses are routed on the internet: it is not one of the ranges set aside for private networks,
    /// nor inside one. For a prefix list, whether that is so for one of its ranges.
    #[serde(skip_serializing_if = "Option::is_none")]
    public: Option<bool>,
    /// Whether it is a network of one's own: always `null`, since a range alone does not tell.
    internal: Option<bool>,
    /// Whether it lies within the networks that the operator trusts, `networks.trusted`.
    #[serde(skip_serializing_if = "Option::is_none")]
    trusted: Option<bool>,
    /// The prefix list that it is; `null` for a range.
    prefix_list_id: Option<String>,
}

/// A single address that a rule of a security group names.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Host {
    /// The address: no other name is known.
    hostname: String,
    /// The address.
    ip_address: String,
    /// The address, if it is routed on the internet.
    public_ip_address: Option<String>,
    /// The address, if it means something only inside a private network.
    private_ip_address: Option<String>,
    /// Whether the address is routed on the internet.
    public: bool,
    /// Whether it is a host of one's own: always `null`, since an address alone does not tell.
    internal: Option<bool>,
    /// Whether it lies within the networks that the operator trusts, `networks.trusted`.
    trusted: bool,
}

impl Declare for Internet {
    const TYPE: EntityType = INTERNET;
}

impl Declare for Network {
    const TYPE: EntityType = NETWORK;
}

impl Declare for Host {
    const TYPE: EntityType = HOST;
}

/// Makes the rows that an account gives for them.
pub(super) struct Rows<'a> {
    account: &'a AccountId,
    trusted: Vec<IpNet>,
}

impl<'a> Rows<'a> {
    pub(super) fn new(account: &'a AccountId, trusted: &[IpNet]) -> Self {
        Self { account, trusted: IpNet::aggregate(&trusted.to_vec()) }
    }

    pub(super) fn internet(&self) -> Entity {
        let internet = Internet { cidr: "0.0.0.0/0", cidr_v6: "::/0", public: true, internal: false };
        self.row("global:internet", "Internet", &internet)
    }

    pub(super) fn network(&self, range: IpNet) -> Entity {
        let text = range.to_string();
        let is_v4 = range.addr().is_ipv4();
        let network = Network {
            cidr: is_v4.then(|| text.clone()),
            cidr_v6: (!is_v4).then(|| text.clone()),
            cidrs: Some(vec![text.clone()]),
            netmask: is_v4.then(|| range.netmask().to_string()),
            public: Some(is_public(range)),
            internal: None,
            trusted: Some(self.is_trusted(range)),
            prefix_list_id: None,
        };
        self.row(format!("network:{text}"), &text, &network)
    }

    /// `list` is what is known about it.
    pub(super) fn prefix_list(&self, id: &str, list: Option<&PrefixList<'_>>) -> Entity {
        let ranges = list.map(|it| &it.ranges);
        let network = Network {
            cidr: None,
            cidr_v6: None,
            cidrs: ranges.map(|it| it.iter().map(IpNet::to_string).collect()),
            netmask: None,
            public: ranges.map(|it| it.iter().any(|it| is_public(*it))),
            internal: None,
            trusted: ranges.map(|it| !it.is_empty() && it.iter().all(|it| self.is_trusted(*it))),
            prefix_list_id: Some(id.to_owned()),
        };
        let name = list.and_then(|it| it.name).unwrap_or(id);
        self.row(format!("network:{id}"), name, &network)
    }

    pub(super) fn host(&self, address: IpAddr) -> Entity {
        let (text, range) = (address.to_string(), IpNet::from(address));
        let public = is_public(range);
        let host = Host {
            hostname: text.clone(),
            ip_address: text.clone(),
            public_ip_address: public.then(|| text.clone()),
            private_ip_address: (!public).then(|| text.clone()),
            public,
            internal: None,
            trusted: self.is_trusted(range),
        };
        self.row(format!("host:{text}"), &text, &host)
    }

    fn is_trusted(&self, range: IpNet) -> bool {
        self.trusted.iter().any(|it| it.contains(&range))
    }

    fn row<E: Declare>(&self, key: impl Into<Key>, name: &str, entity: &E) -> Entity {
        let properties = match serde_json::to_value(entity) {
            Ok(Value::Object(properties)) => properties,
            _ => Properties::new(),
        };
        Entity {
            key: key.into(),
            entity_type: E::TYPE,
            source: Source::SystemMapper,
            account: self.account.clone(),
            region: Region::global(),
            name: Some(name.to_owned()),
            display_name: Some(name.to_owned()),
            properties,
            tags: Properties::new(),
            volatile: E::VOLATILE,
        }
    }
}

/// What is not routed on the internet: private networks, addresses shared by the customers of a provider, loopback and
/// link-local addresses.
static PRIVATE: LazyLock<Vec<IpNet>> = LazyLock::new(|| {
    let ranges = [
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "::1/128",
        "fe80::/10",
        "fc00::/7",
    ];
    ranges.iter().filter_map(|it| it.parse().ok()).collect()
});

fn is_public(range: IpNet) -> bool {
    !PRIVATE.iter().any(|it| it.contains(&range))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_private_range_is_one() {
        assert_eq!(PRIVATE.len(), 9);
    }

    #[test]
    fn a_range_is_public_unless_it_lies_within_a_private_one() {
        let check =
            |range: &str, expected: bool| assert_eq!(is_public(range.parse().unwrap()), expected, "{range}");

        for range in [
            "10.0.0.0/8",
            "10.20.0.0/16",
            "172.31.0.0/16",
            "192.168.1.0/24",
            "100.64.0.0/10",
            "127.0.0.1/32",
            "169.254.169.254/32",
            "::1/128",
            "fe80::/64",
            "fd00:ec2::/32",
        ] {
            check(range, false);
        }
        for range in
            ["203.0.113.0/24", "172.32.0.0/16", "0.0.0.0/1", "10.0.0.0/7", "100.128.0.0/16", "2600:1f18::/32"]
        {
            check(range, true);
        }
    }
}
