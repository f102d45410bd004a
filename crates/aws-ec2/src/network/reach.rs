//! Whether traffic passes between a subnet and the internet, as far as its route table and its network ACL decide.

use aws_sdk_ec2::types::{NetworkAclEntry, Route, RuleAction};

use crate::prefix_list::is_everything;

/// The address families, which are routed and filtered apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    Ipv4,
    Ipv6,
}

const FAMILIES: [Family; 2] = [Family::Ipv4, Family::Ipv6];

/// Which way traffic goes, seen from the subnet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    In,
    Out,
}

/// Whether in one address family the routes lead to the internet and the network ACL lets traffic through both ways.
pub(super) fn passes(routes: &[Route], entries: &[NetworkAclEntry]) -> bool {
    FAMILIES.into_iter().any(|family| {
        routes.iter().any(|it| leads_to_internet(it, family))
            && allows(entries, Direction::In, family)
            && allows(entries, Direction::Out, family)
    })
}

/// Whether some route leads to the internet, in either address family.
pub(super) fn any_leads_to_internet(routes: &[Route]) -> bool {
    FAMILIES.into_iter().any(|family| routes.iter().any(|it| leads_to_internet(it, family)))
}

/// Whether the network ACL lets anything of the internet in, in either address family.
pub(super) fn allows_in(entries: &[NetworkAclEntry]) -> bool {
    FAMILIES.into_iter().any(|family| allows(entries, Direction::In, family))
}

/// An active default route to an internet gateway. An egress-only gateway is none: nothing comes in through it.
fn leads_to_internet(route: &Route, family: Family) -> bool {
    let destination = match family {
        Family::Ipv4 => route.destination_cidr_block(),
        Family::Ipv6 => route.destination_ipv6_cidr_block(),
    };
    destination.is_some_and(is_everything)
        && route.gateway_id().is_some_and(|it| it.starts_with("igw-"))
        && route.state().is_some_and(|it| it.as_str() == "active")
}

/// Walks the entries for the whole internet in the order of their numbers, as AWS does: the first that allows some
/// protocol wins, unless one that denies every protocol comes before it. A denial of some protocols leaves the others.
fn allows(entries: &[NetworkAclEntry], direction: Direction, family: Family) -> bool {
    let mut entries: Vec<_> = entries
        .iter()
        .filter(|it| it.egress == Some(direction == Direction::Out))
        .filter(|it| {
            let range = match family {
                Family::Ipv4 => it.cidr_block(),
                Family::Ipv6 => it.ipv6_cidr_block(),
            };
            range.is_some_and(is_everything)
        })
        .collect();
    entries.sort_by_key(|it| it.rule_number);
    for entry in entries {
        match entry.rule_action() {
            Some(RuleAction::Allow) => return true,
            Some(RuleAction::Deny) if entry.protocol() == Some("-1") => return false,
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use aws_sdk_ec2::types::RouteState;

    use super::*;

    fn route(destination: &str, gateway: &str, state: &str) -> Route {
        let route = Route::builder().gateway_id(gateway).state(RouteState::from(state));
        if destination.contains(':') {
            route.destination_ipv6_cidr_block(destination).build()
        } else {
            route.destination_cidr_block(destination).build()
        }
    }

    /// An entry from `100 in allow -1 0.0.0.0/0`.
    fn entry(text: &str) -> NetworkAclEntry {
        let words: Vec<&str> = text.split(' ').collect();
        let entry = NetworkAclEntry::builder()
            .rule_number(words[0].parse().expect("a number"))
            .egress(words[1] == "out")
            .rule_action(RuleAction::from(words[2]))
            .protocol(words[3]);
        if words[4].contains(':') {
            entry.ipv6_cidr_block(words[4]).build()
        } else {
            entry.cidr_block(words[4]).build()
        }
    }

    fn entries(texts: &[&str]) -> Vec<NetworkAclEntry> {
        texts.iter().map(|it| entry(it)).collect()
    }

    #[test]
    fn only_an_active_default_route_to_an_internet_gateway_leads_out() {
        let check = |route: Route, expected| {
            assert_eq!(any_leads_to_internet(std::slice::from_ref(&route)), expected, "{route:?}");
        };

        check(route("0.0.0.0/0", "igw-1", "active"), true);
        check(route("::/0", "igw-1", "active"), true);
        check(route("0.0.0.0/0", "igw-1", "blackhole"), false);
        check(route("0.0.0.0/0", "vgw-1", "active"), false);
        check(route("10.0.0.0/8", "igw-1", "active"), false);
        check(route("::/0", "eigw-1", "active"), false);
        check(
            Route::builder()
                .destination_ipv6_cidr_block("::/0")
                .egress_only_internet_gateway_id("eigw-1")
                .state(RouteState::Active)
                .build(),
            false,
        );
    }

    #[test]
    fn entries_are_walked_in_the_order_of_their_numbers() {
        let check = |texts: &[&str], expected| {
            assert_eq!(allows_in(&entries(texts)), expected, "{texts:?}");
        };

        check(&[], false);
        check(&["32767 in deny -1 0.0.0.0/0", "100 in allow -1 0.0.0.0/0"], true);
        check(&["100 in allow -1 0.0.0.0/0", "90 in deny -1 0.0.0.0/0"], false);
        check(&["90 in deny 6 0.0.0.0/0", "100 in allow -1 0.0.0.0/0"], true);
        check(&["90 in deny -1 10.0.0.0/8", "100 in allow 6 0.0.0.0/0"], true);
        check(&["100 in allow -1 10.0.0.0/8"], false);
        check(&["100 out allow -1 0.0.0.0/0"], false);
        check(&["90 in deny -1 0.0.0.0/0", "100 in allow -1 ::/0"], true);
    }

    #[test]
    fn traffic_passes_only_when_routes_and_both_directions_agree_in_one_family() {
        let check = |routes: &[Route], texts: &[&str], expected| {
            assert_eq!(passes(routes, &entries(texts)), expected, "{routes:?} {texts:?}");
        };
        let ipv4 = [route("0.0.0.0/0", "igw-1", "active")];

        check(&ipv4, &["100 in allow -1 0.0.0.0/0", "100 out allow -1 0.0.0.0/0"], true);
        check(&ipv4, &["100 in allow -1 0.0.0.0/0"], false);
        check(&ipv4, &["100 out allow -1 0.0.0.0/0"], false);
        check(&ipv4, &["100 in allow -1 0.0.0.0/0", "100 out allow -1 ::/0"], false);
        check(&ipv4, &["100 in allow -1 ::/0", "100 out allow -1 ::/0"], false);
        check(&[], &["100 in allow -1 0.0.0.0/0", "100 out allow -1 0.0.0.0/0"], false);
    }
}
