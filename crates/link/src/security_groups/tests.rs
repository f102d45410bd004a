//! What follows from rules, in one line each: `from -> to`, with what tells it apart.

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::Settings;
use crate::facts::tests::fact;

const OWN: &str = "111111111111";
const VPC: &str = "arn:aws:ec2:eu-west-1:111111111111:vpc/vpc-1";

fn group_key(id: &str) -> String {
    format!("arn:aws:ec2:eu-west-1:{OWN}:security-group/{id}")
}

fn group(id: &str, ingress: Value, egress: Value) -> Fact {
    let mut properties = json!({"groupId": id, "vpcId": "vpc-1", "prefixLists": []});
    let members = properties.as_object_mut().unwrap();
    members.insert("ingressRules".to_owned(), ingress);
    members.insert("egressRules".to_owned(), egress);
    let mut fact = fact(AWS_SECURITY_GROUP, &group_key(id), properties);
    fact.region = "eu-west-1".parse().unwrap();
    fact
}

fn with_lists(mut group: Fact, lists: Value) -> Fact {
    group.properties.insert("prefixLists".to_owned(), lists);
    group
}

fn vpc(id: &str, account: &str, ranges: &[&str]) -> Fact {
    let key = format!("arn:aws:ec2:eu-west-1:{account}:vpc/{id}");
    fact(AWS_VPC, &key, json!({"vpcId": id, "CIDR": ranges[0], "CIDRs": ranges}))
}

fn subnet(id: &str, vpc_id: &str, range: &str) -> Fact {
    let range = if range.contains(':') {
        json!({"vpcId": vpc_id, "CIDR": null, "CIDRv6": range})
    } else {
        json!({"vpcId": vpc_id, "CIDR": range, "CIDRv6": null})
    };
    fact(AWS_SUBNET, &format!("arn:aws:ec2:eu-west-1:{OWN}:subnet/{id}"), range)
}

/// A connection that this VPC asked for, of another account in another region.
fn peering(id: &str, other: &str, ranges: &[&str]) -> Relationship {
    Relationship {
        from: AWS_VPC.at(VPC),
        verb: Verb::Connects,
        to: AWS_VPC.at(format!("arn:aws:ec2:us-east-2:222222222222:vpc/{other}")),
        discriminator: id.to_owned(),
        properties: Properties::from_iter([
            ("vpcPeeringConnectionId".to_owned(), json!(id)),
            ("status".to_owned(), json!("active")),
            ("requesterCidrs".to_owned(), json!(["10.0.0.0/16"])),
            ("accepterCidrs".to_owned(), json!(ranges)),
        ]),
    }
}

#[expect(clippy::needless_pass_by_value, reason = "the cases read better")]
fn linked_with(own: &[Fact], found: Facts, trusted: &[&str]) -> Linked {
    let account = OWN.parse().unwrap();
    let trusted_networks = trusted.iter().map(|it| it.parse().unwrap()).collect();
    let settings = Settings { trusted_networks, ..Settings::default() };
    let own = own.iter().cloned().collect();
    (RULES.link)(&Input { account: &account, own: &own, settings: &settings }, &found)
}

fn linked(own: &[Fact]) -> Linked {
    linked_with(own, Facts::default(), &[])
}

#[expect(clippy::needless_pass_by_value, reason = "the cases read better")]
fn tcp(port: i64, rest: Value) -> Value {
    let mut rule = json!({"protocol": "tcp", "fromPort": port, "toPort": port});
    rule.as_object_mut().unwrap().append(&mut rest.as_object().unwrap().clone());
    rule
}

/// The last part of a key, with the account and region of another one.
fn short(key: &Key) -> String {
    let parts: Vec<&str> = key.as_str().split(':').collect();
    match parts[..] {
        ["arn", _, _, region, account, resource] => {
            let id = resource.rsplit('/').next().unwrap();
            match (region, account) {
                ("eu-west-1", OWN) => id.to_owned(),
                ("eu-west-1", _) => format!("{id} of {account}"),
                _ => format!("{id} of {account} in {region}"),
            }
        }
        _ => key.to_string(),
    }
}

fn shown(linked: &Linked) -> Vec<String> {
    let line = |it: &Relationship| {
        assert_eq!(it.verb, Verb::Allows);
        format!("{} -> {} {}", short(&it.from.key), short(&it.to.key), it.discriminator)
    };
    linked.relationships.iter().map(line).collect()
}

fn keys(linked: &Linked) -> Vec<&str> {
    linked.entities.iter().map(|it| it.key.as_str()).collect()
}

fn entity_of<'a>(linked: &'a Linked, key: &str) -> &'a Entity {
    linked.entities.iter().find(|it| it.key.as_str() == key).expect("the entity is there")
}

#[test]
fn a_rule_gives_the_relationship_of_its_peer() {
    let check = |ingress: Value, egress: Value, expected: &[&str]| {
        let found =
            linked(&[group("sg-1", ingress.clone(), egress.clone()), vpc("vpc-1", OWN, &["10.0.0.0/16"])]);
        assert_eq!(shown(&found), expected, "{ingress} {egress}");
    };
    let none = || json!([]);

    check(none(), none(), &[]);
    check(
        json!([tcp(22, json!({"cidr": "0.0.0.0/0"})), tcp(22, json!({"cidr": "::/0"}))]),
        none(),
        &[
            "global:internet -> sg-1 ingress:tcp:22:22:0.0.0.0/0",
            "global:internet -> sg-1 ingress:tcp:22:22:::/0",
        ],
    );
    check(
        none(),
        json!([{"protocol": "-1", "cidr": "0.0.0.0/0"}]),
        &["sg-1 -> global:internet egress:*:0:65535:0.0.0.0/0"],
    );
    check(
        json!([{"protocol": "-1", "groupId": "sg-1", "groupOwnerId": OWN}]),
        none(),
        &["sg-1 -> sg-1 ingress:*:0:65535:sg-1"],
    );
    check(json!([{"protocol": "-1", "groupId": "sg-1"}]), none(), &["sg-1 -> sg-1 ingress:*:0:65535:sg-1"]);
    check(
        none(),
        json!([tcp(5432, json!({"groupId": "sg-2", "groupOwnerId": OWN}))]),
        &["sg-1 -> sg-2 egress:tcp:5432:5432:sg-2"],
    );
    check(
        json!([tcp(443, json!({"groupId": "sg-9", "groupOwnerId": "222222222222"}))]),
        none(),
        &["sg-9 of 222222222222 -> sg-1 ingress:tcp:443:443:sg-9"],
    );
    check(
        json!([tcp(443, json!({"cidr": "10.0.0.0/16"})), tcp(443, json!({"cidr": "10.0.0.0/8"}))]),
        json!([tcp(443, json!({"cidr": "10.0.0.0/16"}))]),
        &[
            "sg-1 -> vpc-1 egress:tcp:443:443:10.0.0.0/16",
            "vpc-1 -> sg-1 ingress:tcp:443:443:10.0.0.0/16",
            "network:10.0.0.0/8 -> sg-1 ingress:tcp:443:443:10.0.0.0/8",
        ],
    );
    check(
        json!([tcp(22, json!({"cidr": "203.0.113.7/32"})), tcp(22, json!({"cidr": "2001:DB8::7/128"}))]),
        json!([tcp(22, json!({"cidr": "203.0.113.7/32"}))]),
        &[
            "sg-1 -> host:203.0.113.7 egress:tcp:22:22:203.0.113.7/32",
            "host:2001:db8::7 -> sg-1 ingress:tcp:22:22:2001:DB8::7/128",
            "host:203.0.113.7 -> sg-1 ingress:tcp:22:22:203.0.113.7/32",
        ],
    );
    check(
        json!([{"protocol": "icmp", "fromPort": 8, "toPort": -1, "cidr": "10.0.0.0/8"}]),
        none(),
        &["network:10.0.0.0/8 -> sg-1 ingress:icmp:8:-1:10.0.0.0/8"],
    );
    check(
        json!([tcp(443, json!({"prefixListId": "pl-1"}))]),
        json!([tcp(443, json!({"prefixListId": "pl-1"}))]),
        &["sg-1 -> network:pl-1 egress:tcp:443:443:pl-1", "network:pl-1 -> sg-1 ingress:tcp:443:443:pl-1"],
    );
    // The same range in other words is the same network; what was written tells the rules apart.
    check(
        json!([tcp(1, json!({"cidr": "172.16.1.2/12"})), tcp(1, json!({"cidr": "172.16.0.0/12"}))]),
        none(),
        &[
            "network:172.16.0.0/12 -> sg-1 ingress:tcp:1:1:172.16.0.0/12",
            "network:172.16.0.0/12 -> sg-1 ingress:tcp:1:1:172.16.1.2/12",
        ],
    );
    // Rules that name nobody, or nobody that can be understood.
    check(json!([tcp(1, json!({})), tcp(1, json!({"cidr": "somewhere"})), "rule"]), none(), &[]);
    // Groups of AWS itself are of no account.
    check(
        json!([tcp(80, json!({"groupId": "sg-9", "groupOwnerId": "amazon-elb"}))]),
        none(),
        &["sg-9 of amazon-elb -> sg-1 ingress:tcp:80:80:sg-9"],
    );
}

#[test]
fn rules_that_differ_in_their_description_alone_are_one() {
    let rule = |description: Value| tcp(22, json!({"cidr": "0.0.0.0/0", "description": description}));

    let found = linked(&[group("sg-1", json!([rule(json!("b")), rule(json!("a"))]), json!([]))]);

    assert_eq!(found.relationships.len(), 1);
    assert_eq!(found.relationships[0].properties["description"], "a");
}

#[test]
fn a_relationship_says_what_the_rule_says() {
    let rule = tcp(22, json!({"cidr": "10.1.2.3/8", "description": "from inside"}));

    let found = linked(&[group("sg-1", json!([rule]), json!([]))]);

    assert_eq!(
        Value::Object(found.relationships[0].properties.clone()),
        json!({
            "ingress": true, "inbound": true, "egress": false, "outbound": false,
            "protocol": "tcp", "ipProtocol": "tcp", "fromPort": 22, "toPort": 22, "portRange": "22",
            "cidr": "10.0.0.0/8", "ipVersion": 4, "description": "from inside",
        })
    );
}

#[test]
fn a_group_of_another_account_is_a_placeholder_with_its_account() {
    let rules = json!([
        tcp(443, json!({"groupId": "sg-9", "groupOwnerId": "222222222222"})),
        tcp(444, json!({"groupId": "sg-2", "groupOwnerId": OWN})),
        tcp(80, json!({"groupId": "sg-8", "groupOwnerId": "amazon-elb"})),
    ]);

    let found = linked(&[group("sg-1", rules, json!([]))]);

    let foreign = "arn:aws:ec2:eu-west-1:222222222222:security-group/sg-9";
    let account = "arn:aws:iam::222222222222:root";
    assert_eq!(keys(&found), [foreign, account, "global:internet"]);
    let placeholder = entity_of(&found, foreign);
    assert_eq!(placeholder.source, orgraph_model::Source::SystemMapper);
    assert_eq!((placeholder.account.as_str(), placeholder.region.as_str()), ("222222222222", "eu-west-1"));
    assert_eq!(placeholder.properties["placeholder"], true);
    assert_eq!(entity_of(&found, account).display_name.as_deref(), Some("222222222222"));
    let crosses: Vec<_> = found.relationships.iter().map(|it| &it.properties["crossAccount"]).collect();
    assert_eq!(crosses, [&json!(false), &json!(true), &json!(true)]);
}

#[test]
fn a_pair_across_a_peering_is_in_the_region_of_the_other_vpc_and_may_be_stale() {
    let pair = |status: &str| {
        let pair = json!({
            "groupId": "sg-9", "groupOwnerId": "222222222222", "vpcId": "vpc-9",
            "vpcPeeringConnectionId": "pcx-1", "peeringStatus": status,
        });
        group("sg-1", json!([tcp(443, pair)]), json!([]))
    };
    let peered = || Facts::default().with_relationships(vec![peering("pcx-1", "vpc-9", &["10.9.0.0/16"])]);

    let active = linked_with(&[pair("active")], peered(), &[]);
    let gone = linked(&[pair("deleted")]);

    assert_eq!(shown(&active), ["sg-9 of 222222222222 in us-east-2 -> sg-1 ingress:tcp:443:443:sg-9"]);
    assert_eq!(active.relationships[0].properties.get("stale"), None);
    assert_eq!(shown(&gone), ["sg-9 of 222222222222 -> sg-1 ingress:tcp:443:443:sg-9"]);
    assert_eq!(gone.relationships[0].properties["stale"], true);
}

#[test]
fn a_range_is_that_of_the_nearest_network_with_exactly_this_one() {
    let check = |range: &str, expected: &[&str]| {
        let own = [
            group("sg-1", json!([tcp(1, json!({"cidr": range}))]), json!([])),
            vpc("vpc-1", OWN, &["10.0.0.0/16", "10.2.0.0/16", "2001:db8:1::/56"]),
            vpc("vpc-2", OWN, &["10.7.0.0/16"]),
        ];
        let found: Facts = [
            subnet("subnet-1", "vpc-1", "10.0.1.0/24"),
            subnet("subnet-2", "vpc-1", "10.2.0.0/16"),
            subnet("subnet-3", "vpc-1", "2001:db8:1::/64"),
            subnet("subnet-7", "vpc-2", "10.7.1.0/24"),
            subnet("subnet-9", "vpc-9", "10.9.1.0/24"),
        ]
        .into_iter()
        .collect();
        let mut refused = peering("pcx-3", "vpc-6", &["10.6.0.0/16"]);
        refused.properties.insert("status".to_owned(), json!("rejected"));
        let peerings = vec![
            peering("pcx-1", "vpc-9", &["10.9.0.0/16", "10.5.0.0/16"]),
            peering("pcx-2", "vpc-8", &["10.8.0.0/16", "10.5.0.0/16"]),
            refused,
        ];
        let found = linked_with(&own, found.with_relationships(peerings), &[]);
        let from: Vec<String> = found.relationships.iter().map(|it| short(&it.from.key)).collect();
        assert_eq!(from, expected, "{range}");
    };

    check("10.0.0.0/16", &["vpc-1"]);
    check("10.0.7.7/16", &["vpc-1"]);
    check("10.0.0.0/17", &["network:10.0.0.0/17"]);
    check("2001:DB8:1::/56", &["vpc-1"]);
    check("10.0.1.0/24", &["subnet-1"]);
    check("2001:db8:1::/64", &["subnet-3"]);
    // The VPC wins over a subnet that fills it.
    check("10.2.0.0/16", &["vpc-1"]);
    check("10.9.0.0/16", &["vpc-9 of 222222222222 in us-east-2"]);
    check("10.9.1.0/24", &["subnet-9"]);
    // Two VPCs with one range may both be peered with a third.
    check("10.5.0.0/16", &["vpc-8 of 222222222222 in us-east-2", "vpc-9 of 222222222222 in us-east-2"]);
    // What is not connected may have any range.
    check("10.7.0.0/16", &["network:10.7.0.0/16"]);
    check("10.7.1.0/24", &["network:10.7.1.0/24"]);
    check("10.6.0.0/16", &["network:10.6.0.0/16"]);
}

#[test]
fn a_vpc_that_another_account_shares_is_looked_up_and_linked() {
    let rules = json!([tcp(1, json!({"cidr": "10.0.0.0/16"}))]);
    let own = [group("sg-1", rules, json!([]))];
    let shared: Facts = [vpc("vpc-1", "222222222222", &["10.0.0.0/16"])].into_iter().collect();

    let lookups = lookups(&own.iter().cloned().collect());
    let found = linked_with(&own, shared, &[]);

    let vpc_ids = Some(BTreeSet::from(["vpc-1".to_owned()]));
    assert!(lookups.contains(&Lookup::Property { entity_type: AWS_VPC, property: "vpcId", values: vpc_ids }));
    assert_eq!(shown(&found), ["vpc-1 of 222222222222 -> sg-1 ingress:tcp:1:1:10.0.0.0/16"]);
}

#[test]
fn a_connection_counts_from_either_end() {
    let mut reversed = peering("pcx-1", "vpc-9", &["10.9.0.0/16"]);
    std::mem::swap(&mut reversed.from, &mut reversed.to);
    reversed.properties.insert("requesterCidrs".to_owned(), json!(["10.9.0.0/16"]));
    reversed.properties.insert("accepterCidrs".to_owned(), json!(["10.0.0.0/16"]));
    let own = [group("sg-1", json!([tcp(1, json!({"cidr": "10.9.0.0/16"}))]), json!([]))];

    let found = linked_with(&own, Facts::default().with_relationships(vec![reversed]), &[]);

    assert_eq!(found.relationships[0].from.key.as_str(), "arn:aws:ec2:us-east-2:222222222222:vpc/vpc-9");
}

#[test]
fn a_prefix_list_is_a_network_and_the_internet_when_its_keeper_says_so() {
    let lists = json!([
        {"id": "pl-aws", "name": "com.amazonaws.eu-west-1.s3", "awsManaged": true, "CIDRs": ["0.0.0.0/0"]},
        {"id": "pl-offices", "name": "offices", "awsManaged": false, "CIDRs": ["203.0.113.0/24", "10.0.0.0/8"]},
        {"id": "pl-open", "name": "anywhere", "awsManaged": false, "CIDRs": ["::/0"]},
    ]);
    let rules = json!([
        tcp(1, json!({"prefixListId": "pl-aws"})),
        tcp(1, json!({"prefixListId": "pl-offices"})),
        tcp(1, json!({"prefixListId": "pl-open"})),
        tcp(1, json!({"prefixListId": "pl-unread"})),
    ]);

    let found = linked_with(
        &[with_lists(group("sg-1", rules, json!([])), lists)],
        Facts::default(),
        &["203.0.113.0/25", "203.0.113.128/25", "10.0.0.0/7"],
    );

    assert_eq!(
        shown(&found),
        [
            "global:internet -> sg-1 ingress:tcp:1:1:pl-open",
            "network:pl-aws -> sg-1 ingress:tcp:1:1:pl-aws",
            "network:pl-offices -> sg-1 ingress:tcp:1:1:pl-offices",
            "network:pl-open -> sg-1 ingress:tcp:1:1:pl-open",
            "network:pl-unread -> sg-1 ingress:tcp:1:1:pl-unread",
        ]
    );
    assert!(found.relationships.iter().all(|it| it.properties["prefixListId"].is_string()));
    assert_eq!(found.relationships[0].properties["ipVersion"], 6);
    let offices = entity_of(&found, "network:pl-offices");
    assert_eq!(offices.name.as_deref(), Some("offices"));
    assert_eq!(
        Value::Object(offices.properties.clone()),
        json!({
            "CIDR": null, "CIDRv6": null, "CIDRs": ["10.0.0.0/8", "203.0.113.0/24"], "netmask": null,
            "public": true, "internal": null, "trusted": true, "prefixListId": "pl-offices",
        })
    );
    let unread = entity_of(&found, "network:pl-unread");
    assert_eq!(unread.name.as_deref(), Some("pl-unread"));
    for unknown in ["CIDRs", "public", "trusted"] {
        assert_eq!(unread.properties.get(unknown), None, "{unknown}");
    }
}

#[test]
fn what_nobody_owns_says_whether_it_is_public_and_trusted() {
    let rules = json!([
        tcp(1, json!({"cidr": "203.0.113.0/24"})),
        tcp(1, json!({"cidr": "10.0.0.0/8"})),
        tcp(1, json!({"cidr": "2001:db8::/32"})),
        tcp(1, json!({"cidr": "203.0.113.7/32"})),
        tcp(1, json!({"cidr": "10.1.2.3/32"})),
    ]);

    let found = linked_with(&[group("sg-1", rules, json!([]))], Facts::default(), &["203.0.113.0/24"]);

    let check = |key: &str, expected: Value| {
        let entity = entity_of(&found, key);
        assert_eq!(entity.source, orgraph_model::Source::SystemMapper, "{key}");
        assert!(entity.name.is_some() && entity.name == entity.display_name, "{key}");
        assert_eq!(Value::Object(entity.properties.clone()), expected, "{key}");
    };
    check(
        "global:internet",
        json!({"CIDR": "0.0.0.0/0", "CIDRv6": "::/0", "public": true, "internal": false}),
    );
    check(
        "network:203.0.113.0/24",
        json!({
            "CIDR": "203.0.113.0/24", "CIDRv6": null, "CIDRs": ["203.0.113.0/24"], "netmask": "255.255.255.0",
            "public": true, "internal": null, "trusted": true, "prefixListId": null,
        }),
    );
    check(
        "network:10.0.0.0/8",
        json!({
            "CIDR": "10.0.0.0/8", "CIDRv6": null, "CIDRs": ["10.0.0.0/8"], "netmask": "255.0.0.0",
            "public": false, "internal": null, "trusted": false, "prefixListId": null,
        }),
    );
    check(
        "network:2001:db8::/32",
        json!({
            "CIDR": null, "CIDRv6": "2001:db8::/32", "CIDRs": ["2001:db8::/32"], "netmask": null,
            "public": true, "internal": null, "trusted": false, "prefixListId": null,
        }),
    );
    check(
        "host:203.0.113.7",
        json!({
            "hostname": "203.0.113.7", "ipAddress": "203.0.113.7", "publicIpAddress": "203.0.113.7",
            "privateIpAddress": null, "public": true, "internal": null, "trusted": true,
        }),
    );
    check(
        "host:10.1.2.3",
        json!({
            "hostname": "10.1.2.3", "ipAddress": "10.1.2.3", "publicIpAddress": null,
            "privateIpAddress": "10.1.2.3", "public": false, "internal": null, "trusted": false,
        }),
    );
}

#[test]
fn the_internet_stays_when_the_last_rule_that_names_it_goes() {
    let before = linked(&[group("sg-1", json!([tcp(22, json!({"cidr": "0.0.0.0/0"}))]), json!([]))]);
    let after = linked(&[group("sg-1", json!([]), json!([]))]);

    assert_eq!((before.relationships.len(), after.relationships.len()), (1, 0));
    assert_eq!(keys(&before), keys(&after));
}

#[test]
fn a_group_whose_rules_nobody_read_says_nothing() {
    let named = fact(AWS_SECURITY_GROUP, &group_key("sg-1"), json!({"placeholder": true}));

    assert_eq!(linked(&[named]), Linked::default());
}

#[test]
fn only_ranges_that_a_network_nearby_can_have_are_looked_up() {
    let asked = |rules: Value| {
        let own = [group("sg-1", rules, json!([])), vpc("vpc-1", OWN, &["10.0.0.0/16"])];
        let mut lookups: Vec<_> = lookups(&own.into_iter().collect())
            .into_iter()
            .map(|it| match it {
                Lookup::Property { entity_type, property, values } => {
                    let values: Vec<String> = values.into_iter().flatten().collect();
                    format!("{entity_type} {property} {}", values.join(" "))
                }
                Lookup::Relationships { rel, values, .. } => format!("{} {values:?}", rel.verb),
                Lookup::Keys(keys) => format!("{keys:?}"),
            })
            .collect();
        lookups.sort();
        lookups
    };
    let range = |cidr: &str| tcp(1, json!({"cidr": cidr}));

    assert_eq!(asked(json!([])), [""; 0]);
    // Everybody, the VPC itself, what is too large or too small, other groups and lists need no looking up.
    let known =
        ["0.0.0.0/0", "::/0", "10.0.0.0/16", "10.0.0.0/8", "10.0.0.1/32", "2001:db8::/32", "2001:db8::1/128"];
    assert_eq!(asked(known.iter().map(|it| range(it)).collect()), [""; 0]);
    assert_eq!(
        asked(json!([tcp(1, json!({"groupId": "sg-2"})), tcp(1, json!({"prefixListId": "pl-1"}))])),
        [""; 0]
    );
    assert_eq!(
        asked(json!([range("10.0.1.7/24"), range("10.9.0.0/16"), range("2001:DB8:1::/64")])),
        [
            "CONNECTS {\"vpc-1\"}",
            "aws_subnet CIDR 10.0.1.0/24 10.9.0.0/16",
            "aws_subnet CIDRv6 2001:db8:1::/64",
        ]
    );
    let pair = json!({"groupId": "sg-9", "groupOwnerId": "222222222222", "vpcPeeringConnectionId": "pcx-1"});
    assert_eq!(asked(json!([tcp(1, pair)])), ["CONNECTS {\"vpc-1\"}"]);
}

#[test]
fn everything_that_is_declared_can_be_given() {
    let peers = json!([
        {"protocol": "-1", "cidr": "0.0.0.0/0"},
        {"protocol": "-1", "cidr": "198.51.100.0/24"},
        {"protocol": "-1", "cidr": "198.51.100.7/32"},
        {"protocol": "-1", "cidr": "10.0.0.0/16"},
        {"protocol": "-1", "cidr": "10.0.1.0/24"},
        {"protocol": "-1", "groupId": "sg-2"},
    ]);
    let own = [group("sg-1", peers.clone(), peers), vpc("vpc-1", OWN, &["10.0.0.0/16"])];
    let subnets = [subnet("subnet-1", "vpc-1", "10.0.1.0/24")].into_iter().collect();

    let found = linked_with(&own, subnets, &[]);

    for declared in RULES.relationships {
        let given = found.relationships.iter().any(|it| {
            (it.from.entity_type, it.verb, it.to.entity_type) == (declared.from, declared.verb, declared.to)
        });
        assert!(given, "{declared:?}");
    }
    for it in &found.relationships {
        let rel = rel(it.from.entity_type, it.verb, it.to.entity_type);
        assert!(RULES.relationships.contains(&rel), "{rel:?}");
    }
    for declared in RULES.entities {
        assert!(
            found.entities.iter().any(|it| it.entity_type == declared.entity_type),
            "{}",
            declared.entity_type
        );
    }
}

fn any_rule() -> impl Strategy<Value = Value> {
    let peer = prop_oneof![
        (0_u8..4, 0_u8..=32).prop_map(|(net, size)| json!({"cidr": format!("10.{net}.1.0/{size}")})),
        (0_u8..4, 0_u8..=128).prop_map(|(net, size)| json!({"cidr": format!("2001:db8:{net}::1/{size}")})),
        (0_u8..4, prop_oneof![Just(OWN), Just("222222222222"), Just("amazon-elb")])
            .prop_map(|(id, owner)| json!({"groupId": format!("sg-{id}"), "groupOwnerId": owner})),
        (0_u8..3).prop_map(|id| json!({"prefixListId": format!("pl-{id}")})),
        Just(json!({"cidr": "0.0.0.0/0"})),
        Just(json!({"cidr": "nonsense"})),
    ];
    let protocol = prop_oneof![Just("-1"), Just("tcp"), Just("17"), Just("icmp"), Just("50")];
    let port = proptest::option::of(-1_i64..65536);
    let description = proptest::option::of(prop_oneof![Just("a"), Just("b")]);
    (peer, protocol, port.clone(), port, description).prop_map(
        |(mut rule, protocol, from, to, description)| {
            let members = rule.as_object_mut().unwrap();
            members.insert("protocol".to_owned(), json!(protocol));
            members.insert("fromPort".to_owned(), json!(from));
            members.insert("toPort".to_owned(), json!(to));
            members.insert("description".to_owned(), json!(description));
            rule
        },
    )
}

fn any_group() -> impl Strategy<Value = (Vec<Value>, Vec<Value>)> {
    let rules = || proptest::collection::vec(any_rule(), 0..6);
    (rules(), rules())
}

proptest! {
    #[test]
    fn the_order_of_facts_and_rules_does_not_matter(groups in proptest::collection::vec(any_group(), 0..4)) {
        let found = |is_reversed: bool| {
            let order = |mut rules: Vec<Value>| {
                if is_reversed {
                    rules.reverse();
                }
                Value::from(rules)
            };
            let groups = groups.iter().cloned().enumerate();
            let mut own: Vec<Fact> = groups
                .map(|(at, (ingress, egress))| group(&format!("sg-{at}"), order(ingress), order(egress)))
                .collect();
            own.push(vpc("vpc-1", OWN, &["10.0.0.0/16", "2001:db8:1::/56"]));
            let mut subnets = vec![subnet("subnet-1", "vpc-1", "10.0.1.0/24"), subnet("subnet-2", "vpc-2", "10.2.1.0/24")];
            let mut peerings = vec![peering("pcx-1", "vpc-2", &["10.2.0.0/16"]), peering("pcx-2", "vpc-3", &["10.2.0.0/16"])];
            if is_reversed {
                own.reverse();
                subnets.reverse();
                peerings.reverse();
            }
            let found: Facts = subnets.into_iter().collect();
            linked_with(&own, found.with_relationships(peerings), &["10.0.0.0/9"])
        };

        prop_assert_eq!(found(false), found(true));
        prop_assert_eq!(found(false), found(false));
    }

    #[test]
    fn every_rule_that_names_somebody_is_one_relationship_at_a_known_end(rule in any_rule(), is_ingress: bool) {
        let rules = json!([rule.clone()]);
        let (ingress, egress) = if is_ingress { (rules, json!([])) } else { (json!([]), rules) };

        let found = linked(&[group("sg-1", ingress, egress)]);

        let names_somebody = rule.get("cidr") != Some(&json!("nonsense"));
        prop_assert_eq!(found.relationships.len(), usize::from(names_somebody));
        for it in &found.relationships {
            let (group_end, peer) = if is_ingress { (&it.to, &it.from) } else { (&it.from, &it.to) };
            prop_assert_eq!(group_end.key.as_str(), group_key("sg-1"));
            prop_assert_eq!(it.properties["ingress"].as_bool(), Some(is_ingress));
            prop_assert_eq!(it.properties["outbound"].as_bool(), Some(!is_ingress));
            // Whatever nobody owns is written along with the relationship that needs it.
            let is_mapped = [INTERNET, NETWORK, HOST].contains(&peer.entity_type);
            let is_written = found.entities.iter().any(|row| row.key == peer.key);
            prop_assert!(is_written || !is_mapped);
            // Traffic of every kind is found by any port.
            if it.properties["protocol"] == "*" {
                prop_assert!(it.properties["fromPort"].as_i64() <= Some(22));
                prop_assert!(it.properties["toPort"].as_i64() >= Some(22));
            }
        }
    }
}
