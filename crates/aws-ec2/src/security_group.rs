//! Security groups.

mod rule;

use std::collections::BTreeSet;

use aws_sdk_ec2::types::{IpPermission, SecurityGroup as Listed};
use orgraph_collect::prelude::*;

use crate::keys;
use crate::prefix_list::{self, Lists, is_everything};
use crate::security_group::rule::{Rule, rules};
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
    /// The rules that let something in, one per source.
    ingress_rules: Vec<Rule>,
    /// The rules that let something out, one per destination.
    egress_rules: Vec<Rule>,
    /// The prefix lists that its rules name.
    prefix_lists: Option<Vec<PrefixList>>,
    /// Whether some rule lets the whole internet in, be it through a prefix list.
    public: Option<bool>,
    /// Whether some rule lets the whole internet in on every port and protocol.
    allows_all_ingress_from_internet: Option<bool>,
}

impl Entity for SecurityGroup {
    const TYPE: EntityType = AWS_SECURITY_GROUP;
}

/// Ranges of addresses that rules name together.
#[derive(Serialize, JsonSchema, Clone)]
#[serde(rename_all = "camelCase")]
struct PrefixList {
    /// The list's ID.
    id: String,
    /// The list's name.
    name: Option<String>,
    /// Whether it is one of those in which AWS keeps the addresses of its services.
    aws_managed: bool,
    /// Its ranges.
    #[serde(rename = "CIDRs")]
    cidrs: Vec<String>,
}

async fn security_groups(cx: &Cx, out: &mut Batch) -> Result<(), CollectError> {
    let ec2 = client!(aws_sdk_ec2, EC2, cx);
    let request = ec2.describe_security_groups().max_results(PAGE_SIZE);
    let all = pages!(cx, request, next_token).all(|it| it.security_groups).await?;
    let permissions = all.iter().flat_map(|it| it.ip_permissions().iter().chain(it.ip_permissions_egress()));
    let named = permissions.flat_map(prefix_list_ids);
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
    let prefix_lists = named_lists(ingress.iter().chain(&egress), lists);
    let (ingress, egress) = (rules(&ingress), rules(&egress));
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
            ingress_rule_count: ingress.len(),
            egress_rule_count: egress.len(),
            ingress_rules: ingress,
            egress_rules: egress,
            prefix_lists: prefix_lists.known().cloned(),
            public: public.known().copied(),
            allows_all_ingress_from_internet: public_for_all.known().copied(),
        },
    )
    .tags(tagged(listed.tags))
    .web_link(console_page(cx, "ec2", "SecurityGroup:groupId", &id))
    .unknown(&public, &["public"])
    .unknown(&public_for_all, &["allowsAllIngressFromInternet"])
    .unknown(&prefix_lists, &["prefixLists"]);

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
            match list.is_everything() {
                Detail::Known(true) => return Detail::Known(true),
                Detail::Known(false) => {}
                unknown @ Detail::Unknown(_) => answer = unknown,
            }
        }
    }
    answer
}

fn prefix_list_ids(permission: &IpPermission) -> impl Iterator<Item = &str> {
    permission.prefix_list_ids().iter().filter_map(|it| it.prefix_list_id())
}

/// The lists that the rules name; one that could not be read leaves all of them unknown.
fn named_lists<'a>(
    permissions: impl Iterator<Item = &'a IpPermission>,
    lists: &Lists,
) -> Detail<Vec<PrefixList>> {
    let ids: BTreeSet<&str> = permissions.flat_map(prefix_list_ids).collect();
    let mut named = Vec::with_capacity(ids.len());
    for id in ids {
        let Some(list) = lists.get(id) else { continue };
        match &list.cidrs {
            Detail::Known(cidrs) => named.push(PrefixList {
                id: id.to_owned(),
                name: list.name.clone(),
                aws_managed: list.is_of_aws(),
                cidrs: cidrs.clone(),
            }),
            Detail::Unknown(error) => return Detail::Unknown(error.clone()),
        }
    }
    Detail::Known(named)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use aws_sdk_ec2::types::{IpRange, Ipv6Range, PrefixListId};
    use chrono::DateTime;
    use orgraph_collect::replay::{Fixtures, REGION, session};
    use orgraph_collect::run;
    use serde_json::json;

    use super::*;
    use crate::prefix_list::List;

    fn from_list(id: &str) -> IpPermission {
        IpPermission::builder().prefix_list_ids(PrefixListId::builder().prefix_list_id(id).build()).build()
    }

    fn lists() -> Lists {
        let unknown = CollectError::Timeout { operation: "GetManagedPrefixListEntries".to_owned() };
        let list = |owner: &str, cidrs| List { name: None, owner: Some(owner.to_owned()), cidrs };
        let of = |cidrs: &[&str]| Detail::Known(cidrs.iter().map(|it| (*it).to_owned()).collect());
        Lists::from([
            ("pl-open".to_owned(), list("111111111111", of(&["10.0.0.0/8", "0.0.0.0/0"]))),
            ("pl-narrow".to_owned(), list("111111111111", of(&["10.0.0.0/8"]))),
            ("pl-aws".to_owned(), list("AWS", of(&["0.0.0.0/0"]))),
            ("pl-unknown".to_owned(), list("111111111111", Detail::Unknown(unknown))),
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
        check(&[from_list("pl-aws")], Some(false));
    }

    #[test]
    fn an_unreadable_prefix_list_makes_it_unknown_unless_another_rule_settles_it() {
        let open = lets_everybody_in(&[from_list("pl-unknown"), from_list("pl-open")], &lists());
        let unknown = lets_everybody_in(&[from_list("pl-unknown"), from_list("pl-narrow")], &lists());

        assert_eq!(open.known(), Some(&true));
        assert_eq!(unknown.known(), None);
    }

    #[test]
    fn the_lists_of_a_group_are_those_it_names_and_unknown_when_one_is() {
        let named = |ids: &[&str]| {
            let permissions: Vec<_> = ids.iter().map(|it| from_list(it)).collect();
            let named = named_lists(permissions.iter(), &lists());
            named.known().map(|it| it.iter().map(|it| (it.id.clone(), it.aws_managed)).collect::<Vec<_>>())
        };

        assert_eq!(named(&[]), Some(Vec::new()));
        let both = vec![("pl-aws".to_owned(), true), ("pl-narrow".to_owned(), false)];
        assert_eq!(named(&["pl-narrow", "pl-aws", "pl-narrow"]), Some(both));
        assert_eq!(named(&["pl-narrow", "pl-unknown"]), None);
    }

    #[tokio::test(start_paused = true)]
    async fn rules_are_stored_with_what_they_name() {
        let fixtures = Fixtures::new(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures"));
        let session = session(move |asked| fixtures.answer(asked)).await;
        let region = REGION.parse().unwrap();

        let snapshot =
            run::run(&SECURITY_GROUPS, &session, &region, &Arc::default(), DateTime::UNIX_EPOCH).await;

        let group = |id: &str| {
            let found = snapshot.entities.iter().find(|it| it.key.as_str().ends_with(id));
            &found.expect("the group is collected").properties
        };
        let web = group("sg-0b1b2c3d4e5f60718");
        let port = |rest: serde_json::Value| {
            let mut rule = json!({"protocol": "tcp", "fromPort": 443, "toPort": 443});
            rule.as_object_mut().unwrap().append(&mut rest.as_object().unwrap().clone());
            rule
        };
        assert_eq!(
            web["ingressRules"],
            json!([
                {"protocol": "icmp", "fromPort": 8, "toPort": -1, "cidr": "10.0.0.0/16"},
                port(json!({"groupId": "sg-0a1b2c3d4e5f60718", "groupOwnerId": "123456789012"})),
                port(json!({
                    "groupId": "sg-0f1b2c3d4e5f60718", "groupOwnerId": "222222222222",
                    "vpcId": "vpc-0f1b2c3d4e5f60718", "vpcPeeringConnectionId": "pcx-0a1b2c3d4e5f60718",
                    "peeringStatus": "active", "description": "the other side",
                })),
                port(json!({"prefixListId": "pl-0a1b2c3d4e5f60718"})),
                port(json!({"prefixListId": "pl-63a5400a"})),
                port(json!({"cidr": "10.0.0.0/8", "description": "inside"})),
            ])
        );
        assert_eq!(web["egressRules"], json!([{"protocol": "-1", "cidr": "0.0.0.0/0"}]));
        assert_eq!(web["ingressRuleCount"], 6);
        assert_eq!(
            web["prefixLists"],
            json!([
                {"id": "pl-0a1b2c3d4e5f60718", "name": "anywhere", "awsManaged": false,
                 "CIDRs": ["0.0.0.0/0", "10.0.0.0/8"]},
                {"id": "pl-63a5400a", "name": format!("com.amazonaws.{REGION}.s3"), "awsManaged": true,
                 "CIDRs": ["3.5.64.0/21", "52.218.0.0/17"]},
            ])
        );
        assert_eq!((&web["public"], &web["allowsAllIngressFromInternet"]), (&json!(true), &json!(false)));
        assert_eq!(group("sg-0a1b2c3d4e5f60718")["allowsAllIngressFromInternet"], true);
    }
}
