//! Security groups.

use aws_sdk_ec2::types::{IpPermission, SecurityGroup as Listed};
use orgraph_collect::prelude::*;

use crate::keys;
use crate::prefix_list::{self, Lists, is_everything};
use crate::shape::{PAGE_SIZE, console_page, filled, tagged};

pub(crate) static SECURITY_GROUPS: Collector = Collector {
    name: "ec2_security_groups",
    service: Service::EC2,
    scope: Scope::Region,
    calls: &[
        call("DescribeSecurityGroups"),
        call("DescribeManagedPrefixLists"),
        call("GetManagedPrefixListEntries"),
    ],
    entities: &[entity::<SecurityGroup>()],
    relationships: &[rel(AWS_EC2, Has, AWS_SECURITY_GROUP), rel(AWS_VPC, Has, AWS_SECURITY_GROUP)],
    collect: |cx, out| Box::pin(security_groups(cx, out)),
};

/// A set of rules on what may reach, and be reached from, what it protects.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct SecurityGroup {
    /// The group's ID.
    id: String,
    /// The group's ID, under its own name.
    group_id: String,
    /// The group's name, unique in its VPC.
    group_name: Option<String>,
    /// What it filters: always `network` and `host`.
    category: [&'static str; 2],
    /// Whether answers may pass without a rule of their own: always true.
    is_stateful: bool,
    /// What its owner says about it.
    description: Option<String>,
    /// The VPC it belongs to.
    vpc_id: Option<String>,
    /// The account that owns it.
    owner_id: Option<String>,
    /// Whether it is the one that AWS made with the VPC.
    default: bool,
    /// How many rules let something in, one per source.
    ingress_rule_count: usize,
    /// How many rules let something out, one per destination.
    egress_rule_count: usize,
    /// Whether some rule lets the whole internet in, be it through a prefix list.
    public: Option<bool>,
    /// Whether some rule lets the whole internet in on every port and protocol.
    allows_all_ingress_from_internet: Option<bool>,
}

impl Entity for SecurityGroup {
    const TYPE: EntityType = AWS_SECURITY_GROUP;
}

async fn security_groups(cx: &Cx, out: &mut Batch) -> Result<(), CollectError> {
    let ec2 = client!(aws_sdk_ec2, EC2, cx);
    let request = ec2.describe_security_groups().max_results(PAGE_SIZE);
    let all = pages!(cx, request, next_token).all(|it| it.security_groups).await?;
    let named = all.iter().flat_map(Listed::ip_permissions).flat_map(prefix_list_ids);
    let lists = prefix_list::lists(cx, &ec2, named.map(ToOwned::to_owned).collect()).await?;
    for listed in all {
        security_group(cx, out, listed, &lists);
    }
    Ok(())
}

fn security_group(cx: &Cx, out: &mut Batch, listed: Listed, lists: &Lists) {
    let Some(id) = listed.group_id else {
        return out.skip(None, "a security group without an ID");
    };
    if !cx.owns(listed.owner_id.as_deref()) {
        return;
    }
    let group = keys::security_group(cx, &id);
    let ingress = listed.ip_permissions.unwrap_or_default();
    let egress = listed.ip_permissions_egress.unwrap_or_default();
    let public = lets_everybody_in(&ingress, lists);
    let every_protocol = ingress.iter().filter(|it| it.ip_protocol() == Some("-1"));
    let public_for_all = lets_everybody_in(every_protocol, lists);
    let vpc_id = filled(listed.vpc_id);
    let name = listed.group_name;

    out.add(
        &group.key,
        name.as_deref().unwrap_or(&id),
        &SecurityGroup {
            id: id.clone(),
            group_id: id.clone(),
            default: name.as_deref() == Some("default"),
            group_name: name.clone(),
            category: ["network", "host"],
            is_stateful: true,
            description: listed.description,
            vpc_id: vpc_id.clone(),
            owner_id: listed.owner_id,
            ingress_rule_count: ingress.iter().map(peers).sum(),
            egress_rule_count: egress.iter().map(peers).sum(),
            public: public.known().copied(),
            allows_all_ingress_from_internet: public_for_all.known().copied(),
        },
    )
    .tags(tagged(listed.tags))
    .web_link(console_page(cx, "ec2", "SecurityGroup:groupId", &id))
    .unknown(&public, &["public"])
    .unknown(&public_for_all, &["allowsAllIngressFromInternet"]);

    if let Some(vpc_id) = vpc_id {
        // The VPC may be shared by another account, whose number is not in the answer.
        out.find_source(AWS_VPC, "vpcId", &vpc_id, Has, group);
    }
}

/// Whether one of the rules names the whole internet as its peer. One that surely does outweighs any that may.
fn lets_everybody_in<'a>(
    permissions: impl IntoIterator<Item = &'a IpPermission>,
    lists: &Lists,
) -> Detail<bool> {
    let mut answer = Detail::Known(false);
    for permission in permissions {
        let ipv4 = permission.ip_ranges().iter().filter_map(|it| it.cidr_ip());
        let ipv6 = permission.ipv6_ranges().iter().filter_map(|it| it.cidr_ipv6());
        if ipv4.chain(ipv6).any(is_everything) {
            return Detail::Known(true);
        }
        for list in prefix_list_ids(permission).filter_map(|it| lists.get(it)) {
            match list {
                Detail::Known(true) => return Detail::Known(true),
                Detail::Known(false) => {}
                Detail::Unknown(_) => answer = list.clone(),
            }
        }
    }
    answer
}

fn prefix_list_ids(permission: &IpPermission) -> impl Iterator<Item = &str> {
    permission.prefix_list_ids().iter().filter_map(|it| it.prefix_list_id())
}

/// AWS writes several rules as one permission when only their peers differ.
fn peers(permission: &IpPermission) -> usize {
    permission.ip_ranges().len()
        + permission.ipv6_ranges().len()
        + permission.user_id_group_pairs().len()
        + permission.prefix_list_ids().len()
}

#[cfg(test)]
mod tests {
    use aws_sdk_ec2::types::{IpRange, Ipv6Range, PrefixListId};

    use super::*;

    fn from_list(id: &str) -> IpPermission {
        IpPermission::builder().prefix_list_ids(PrefixListId::builder().prefix_list_id(id).build()).build()
    }

    fn lists() -> Lists {
        let unknown = CollectError::Timeout { operation: "GetManagedPrefixListEntries".to_owned() };
        Lists::from([
            ("pl-open".to_owned(), Detail::Known(true)),
            ("pl-narrow".to_owned(), Detail::Known(false)),
            ("pl-unknown".to_owned(), Detail::Unknown(unknown)),
        ])
    }

    #[test]
    fn a_group_is_public_when_a_rule_or_its_prefix_list_names_the_internet() {
        let ipv4 = |cidr: &str| IpPermission::builder().ip_ranges(IpRange::builder().cidr_ip(cidr).build());
        let ipv6 = IpPermission::builder().ipv6_ranges(Ipv6Range::builder().cidr_ipv6("::/0").build());
        let check = |permissions: &[IpPermission], expected: Option<bool>| {
            let answer = lets_everybody_in(permissions, &lists());
            assert_eq!(answer.known().copied(), expected, "{permissions:?}");
        };

        check(&[], Some(false));
        check(&[ipv4("10.0.0.0/8").build()], Some(false));
        check(&[ipv4("10.0.0.0/8").build(), ipv4("0.0.0.0/0").build()], Some(true));
        check(&[ipv6.build()], Some(true));
        check(&[from_list("pl-open")], Some(true));
        check(&[from_list("pl-narrow")], Some(false));
    }

    #[test]
    fn an_unreadable_prefix_list_makes_it_unknown_unless_another_rule_settles_it() {
        let open = lets_everybody_in(&[from_list("pl-unknown"), from_list("pl-open")], &lists());
        let unknown = lets_everybody_in(&[from_list("pl-unknown"), from_list("pl-narrow")], &lists());

        assert_eq!(open.known(), Some(&true));
        assert_eq!(unknown.known(), None);
    }
}
