//! Small shapes that several EC2 collectors need.

use std::collections::BTreeSet;
use std::net::IpAddr;

use aws_sdk_ec2::types::{GroupIdentifier, Tag};
use ipnet::IpNet;
use orgraph_collect::{Cx, tags};

/// How many items a page is asked to hold. EC2 throttles listings without a size much earlier than those with one.
pub(crate) const PAGE_SIZE: i32 = 1000;

/// The same for the listings whose pages are small.
pub(crate) const SMALL_PAGE_SIZE: i32 = 100;

/// The page of the web console that shows one thing, in the console of instances (`ec2`) or of networks (`vpcconsole`).
pub(crate) fn console_page(cx: &Cx, console: &str, page: &str, id: &str) -> String {
    cx.console(format_args!("{console}/home?region={}#{page}={id}", cx.region()))
}

/// The tags of an answer as pairs.
pub(crate) fn tagged(list: Option<Vec<Tag>>) -> Vec<(String, String)> {
    tags(list.unwrap_or_default().into_iter().map(|it| (it.key, it.value)))
}

/// In order and without repetition, since AWS promises no order.
pub(crate) fn sorted(texts: impl IntoIterator<Item = String>) -> Vec<String> {
    texts.into_iter().collect::<BTreeSet<_>>().into_iter().collect()
}

/// The text, unless AWS writes "nothing" as an empty one.
pub(crate) fn filled(text: Option<String>) -> Option<String> {
    text.filter(|it| !it.is_empty())
}

/// The IDs of security groups.
pub(crate) fn group_ids<'a>(groups: impl IntoIterator<Item = &'a GroupIdentifier>) -> Vec<String> {
    sorted(groups.into_iter().filter_map(|it| it.group_id.clone()))
}

/// Whether an IPv6 address can be reached from the internet as far as the address tells: not the private range.
pub(crate) fn is_public_ipv6(address: &str) -> bool {
    match address.parse() {
        Ok(IpAddr::V6(address)) => {
            !address.is_unique_local() && !address.is_unicast_link_local() && !address.is_loopback()
        }
        _ => false,
    }
}

/// The address family, 4 or 6.
pub(crate) fn ip_version(address: &str) -> Option<u8> {
    address.parse::<IpAddr>().ok().map(|it| if it.is_ipv4() { 4 } else { 6 })
}

/// `255.255.0.0` for `10.0.0.0/16`.
pub(crate) fn netmask(cidr: &str) -> Option<String> {
    cidr.parse::<IpNet>().ok().map(|it| it.netmask().to_string())
}

/// The operating system. AWS names Windows alone; a Mac shows in the architecture.
pub(crate) fn platform(platform: Option<&str>, architecture: Option<&str>) -> String {
    let windows = platform.is_some_and(|it| it.eq_ignore_ascii_case("windows"));
    let mac = architecture.is_some_and(|it| it.ends_with("_mac"));
    let name = match (windows, mac) {
        (true, _) => "windows",
        (false, true) => "darwin",
        (false, false) => "linux",
    };
    name.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_private_ipv6_address_is_not_public() {
        assert!(is_public_ipv6("2600:1f18::1"));
        assert!(!is_public_ipv6("fd00:ec2::254"));
        assert!(!is_public_ipv6("fe80::1"));
        assert!(!is_public_ipv6("10.0.0.1"));
        assert!(!is_public_ipv6("nothing"));
    }

    #[test]
    fn a_netmask_follows_from_the_prefix_length() {
        assert_eq!(netmask("10.0.0.0/16").as_deref(), Some("255.255.0.0"));
        assert_eq!(netmask("10.0.16.0/20").as_deref(), Some("255.255.240.0"));
        assert_eq!(netmask("somewhere"), None);
    }

    #[test]
    fn the_platform_is_told_apart_by_what_aws_names() {
        assert_eq!(platform(Some("windows"), Some("x86_64")), "windows");
        assert_eq!(platform(None, Some("arm64_mac")), "darwin");
        assert_eq!(platform(None, Some("arm64")), "linux");
    }
}
