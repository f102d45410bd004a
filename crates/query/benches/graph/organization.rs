//! What an account looks like: how many entities of each type, and which relationships are between them. The same account
//! number gives the same rows in every run.

use orgraph_model::vocabulary;
use serde_json::{Value, json};

/// Types and how many of each an account has: 5000 entities.
pub(crate) const ENTITIES: &[(&str, usize)] = &[
    ("aws_account", 1),
    ("aws_ec2", 1),
    ("aws_s3", 1),
    ("aws_iam", 1),
    ("aws_lambda", 1),
    ("aws_dynamodb", 1),
    ("aws_rds", 1),
    ("aws_sqs", 1),
    ("aws_kms", 1),
    ("aws_elasticloadbalancing", 1),
    ("aws_cloudwatch_logs", 1),
    ("aws_config", 1),
    ("aws_cloudwatch", 1),
    ("aws_vpc", 5),
    ("aws_subnet", 30),
    ("aws_route_table", 30),
    ("aws_security_group", 150),
    ("aws_instance", 800),
    ("aws_eni", 900),
    ("aws_ebs_volume", 900),
    ("aws_ebs_snapshot", 300),
    ("aws_iam_role", 300),
    ("aws_iam_role_policy", 250),
    ("aws_iam_policy", 150),
    ("aws_iam_user", 40),
    ("aws_iam_group", 8),
    ("aws_iam_access_key", 40),
    ("aws_s3_bucket", 150),
    ("aws_dynamodb_table", 60),
    ("aws_db_instance", 40),
    ("aws_lambda_function", 250),
    ("aws_sqs_queue", 80),
    ("aws_kms_key", 50),
    ("aws_alb", 30),
    ("aws_lb_target_group", 40),
    ("aws_cloudwatch_log_group", 200),
    ("aws_cloudwatch_metric_alarm", 154),
    ("aws_config_rule", 30),
];

/// Which types are collected together, so that one partition owns them. What links them has a partition of its own.
const COLLECTORS: &[&[&str]] = &[
    &["aws_vpc", "aws_subnet", "aws_route_table"],
    &["aws_security_group"],
    &["aws_instance"],
    &["aws_eni"],
    &["aws_ebs_volume"],
    &["aws_ebs_snapshot"],
    &["aws_iam_role", "aws_iam_role_policy", "aws_iam_policy", "aws_iam_user", "aws_iam_group"],
    &["aws_iam_access_key"],
    &["aws_s3_bucket"],
    &["aws_dynamodb_table"],
    &["aws_db_instance"],
    &["aws_lambda_function"],
    &["aws_sqs_queue"],
    &["aws_kms_key"],
    &["aws_alb"],
    &["aws_lb_target_group"],
    &["aws_cloudwatch_log_group"],
    &["aws_cloudwatch_metric_alarm"],
    &["aws_config_rule"],
];
const LINKERS: usize = 1;
const SERVICES_THEMSELVES: usize = 2;
/// How many partitions there are, numbered from 1. Each is that of all accounts.
pub(crate) const PARTITIONS: usize = 2 + COLLECTORS.len();

/// The partition that owns the entities of a type.
pub(crate) fn partition(type_name: &str) -> usize {
    let collector = COLLECTORS.iter().position(|it| it.contains(&type_name));
    collector.map_or(SERVICES_THEMSELVES, |it| it + 3)
}

/// Which partition a relationship is from, as it is for those that collectors and linkers give.
#[derive(Clone, Copy)]
enum By {
    /// That of the entity where it begins.
    From,
    /// That of the entity it leads to.
    To,
    /// Neither.
    Linker,
}

impl By {
    fn partition(self, from: &str, to: &str) -> usize {
        match self {
            Self::From => partition(from),
            Self::To => partition(to),
            Self::Linker => LINKERS,
        }
    }
}

/// Which of how many of the second type follow from each of the first; the numbers make steps that meet no end twice.
struct Rule {
    from: &'static str,
    verb: &'static str,
    to: &'static str,
    by: By,
    /// How many of the first type have it, from the first on.
    of: usize,
    each: usize,
    step: usize,
}

const fn rule(
    from: &'static str,
    verb: &'static str,
    to: &'static str,
    by: By,
    of: usize,
    each: usize,
    step: usize,
) -> Rule {
    Rule { from, verb, to, by, of, each, step }
}

#[rustfmt::skip]
const RULES: &[Rule] = &[
    rule("aws_vpc", "CONTAINS", "aws_subnet", By::From, 5, 6, 1),
    rule("aws_vpc", "HAS", "aws_security_group", By::Linker, 5, 30, 1),
    rule("aws_vpc", "HAS", "aws_route_table", By::From, 5, 6, 1),
    rule("aws_subnet", "USES", "aws_route_table", By::From, 30, 1, 1),
    rule("aws_subnet", "HAS", "aws_instance", By::Linker, 30, 26, 1),
    rule("aws_security_group", "PROTECTS", "aws_instance", By::To, 150, 11, 73),
    rule("aws_instance", "HAS", "aws_security_group", By::From, 800, 2, 37),
    rule("aws_security_group", "PROTECTS", "aws_eni", By::To, 150, 6, 1),
    rule("aws_security_group", "PROTECTS", "aws_alb", By::To, 30, 1, 1),
    rule("aws_security_group", "PROTECTS", "aws_db_instance", By::To, 40, 1, 1),
    rule("aws_security_group", "PROTECTS", "aws_lambda_function", By::To, 100, 1, 1),
    rule("aws_instance", "USES", "aws_eni", By::From, 800, 1, 1),
    rule("aws_instance", "USES", "aws_ebs_volume", By::From, 800, 1, 1),
    rule("aws_instance", "USES", "aws_iam_role", By::Linker, 600, 1, 7),
    rule("aws_ebs_volume", "HAS", "aws_ebs_snapshot", By::To, 300, 1, 1),
    rule("aws_ebs_volume", "USES", "aws_kms_key", By::To, 900, 1, 1),
    rule("aws_lambda_function", "HAS", "aws_iam_role", By::From, 250, 1, 1),
    rule("aws_iam_role", "HAS", "aws_iam_role_policy", By::From, 250, 1, 1),
    rule("aws_iam_role", "HAS", "aws_iam_policy", By::From, 300, 2, 41),
    rule("aws_iam_user", "HAS", "aws_iam_policy", By::From, 30, 2, 41),
    rule("aws_iam_group", "CONTAINS", "aws_iam_user", By::From, 8, 5, 1),
    rule("aws_iam_user", "HAS", "aws_iam_access_key", By::To, 40, 1, 1),
    rule("aws_iam_role", "TRUSTS", "aws_ec2", By::Linker, 200, 1, 1),
    rule("aws_iam_role", "TRUSTS", "aws_lambda", By::Linker, 100, 1, 1),
    rule("aws_iam_role", "TRUSTS", "aws_account", By::Linker, 60, 1, 1),
    rule("aws_security_group", "ALLOWS", "aws_security_group", By::Linker, 150, 2, 61),
    rule("aws_iam_role_policy", "ALLOWS", "aws_s3_bucket", By::Linker, 250, 2, 53),
    rule("aws_iam_role_policy", "ALLOWS", "aws_dynamodb_table", By::Linker, 250, 1, 1),
    rule("aws_iam_role_policy", "ALLOWS", "aws_sqs_queue", By::Linker, 250, 1, 1),
    rule("aws_iam_policy", "ALLOWS", "aws_s3", By::Linker, 50, 1, 1),
    rule("aws_iam_policy", "ALLOWS", "aws_s3_bucket", By::Linker, 150, 2, 53),
    rule("aws_iam_policy", "ALLOWS", "aws_kms_key", By::Linker, 150, 2, 13),
    rule("aws_s3_bucket", "USES", "aws_kms_key", By::From, 150, 1, 1),
    rule("aws_dynamodb_table", "USES", "aws_kms_key", By::From, 60, 1, 1),
    rule("aws_alb", "CONNECTS", "aws_lb_target_group", By::To, 30, 1, 1),
    rule("aws_lb_target_group", "HAS", "aws_instance", By::From, 40, 4, 1),
];

/// Which service has which types.
const SERVICES: &[(&str, &[&str])] = &[
    (
        "aws_ec2",
        &[
            "aws_vpc",
            "aws_subnet",
            "aws_security_group",
            "aws_instance",
            "aws_eni",
            "aws_ebs_volume",
            "aws_ebs_snapshot",
        ],
    ),
    ("aws_s3", &["aws_s3_bucket"]),
    ("aws_iam", &["aws_iam_role", "aws_iam_role_policy", "aws_iam_policy", "aws_iam_user", "aws_iam_group"]),
    ("aws_lambda", &["aws_lambda_function"]),
    ("aws_dynamodb", &["aws_dynamodb_table"]),
    ("aws_rds", &["aws_db_instance"]),
    ("aws_sqs", &["aws_sqs_queue"]),
    ("aws_kms", &["aws_kms_key"]),
    ("aws_elasticloadbalancing", &["aws_alb", "aws_lb_target_group"]),
    ("aws_cloudwatch_logs", &["aws_cloudwatch_log_group"]),
    ("aws_config", &["aws_config_rule"]),
    ("aws_cloudwatch", &["aws_cloudwatch_metric_alarm"]),
];

pub(crate) const INTERNET: &str = "global:internet";
/// Every so manieth group is open to the Internet.
const OPEN: usize = 8;

/// An end of a relationship.
pub(crate) struct End {
    pub(crate) type_name: &'static str,
    pub(crate) key: String,
}

pub(crate) fn account_id(account: usize) -> String {
    format!("{:012}", 100_000_000_000 + account * 7919)
}

/// The key of the entity of a type with a number.
pub(crate) fn key(account: usize, type_name: &str, number: usize) -> String {
    let id = account_id(account);
    if ENTITIES.iter().any(|(name, count)| *name == type_name && *count == 1) {
        return if type_name == "aws_account" {
            format!("arn:aws:iam::{id}:root")
        } else {
            format!("{type_name}:{id}")
        };
    }
    let unique = mixed(account as u64 * 1_000_003 + number as u64);
    match type_name {
        "aws_s3_bucket" => format!("arn:aws:s3:::data-{id}-{number:04}"),
        "aws_iam_role" => format!("arn:aws:iam::{id}:role/service-{number}"),
        "aws_iam_role_policy" => {
            format!("aws_iam_role_policy:arn:aws:iam::{id}:role/service-{number}:access")
        }
        _ => format!("arn:aws:service:eu-west-1:{id}:{}/{unique:016x}{number:04}", &type_name[4..]),
    }
}

/// About as many bytes of JSON as collected entities have on average.
pub(crate) fn properties(account: usize, type_name: &str, number: usize) -> Value {
    let random = mixed((account * 5003 + number) as u64 ^ type_name.len() as u64);
    let mut properties = json!({
        "arn": key(account, type_name, number), "id": format!("{random:016x}"), "accountId": account_id(account),
        "createdOn": 1_700_000_000_000_u64 + random % 1_000_000_000, "active": !random.is_multiple_of(10),
        "webLink": format!("https://eu-west-1.console.aws.amazon.com/{type_name}/home?region=eu-west-1#{random:016x}"),
    });
    let more = match type_name {
        "aws_instance" => json!({
            "public": random.is_multiple_of(4), "instanceType": (["m6i.large", "t3.micro", "c7g.xlarge"][number % 3]),
            "state": "running", "imageId": format!("ami-{random:017}"), "privateIpAddress": "10.1.2.3",
            "architecture": "x86_64", "tenancy": "default", "metadataOptionsHttpTokens": "required",
        }),
        "aws_alb" => json!({"public": number.is_multiple_of(2), "scheme": "internet-facing"}),
        "aws_s3_bucket" => {
            json!({"public": random.is_multiple_of(50), "encrypted": true, "versioningEnabled": random.is_multiple_of(2)})
        }
        "aws_db_instance" => {
            json!({"public": random.is_multiple_of(20), "encrypted": true, "engine": "postgres"})
        }
        "aws_ebs_volume" => json!({"encrypted": !random.is_multiple_of(100), "sizeGiB": 100}),
        _ => json!({}),
    };
    let Value::Object(more) = more else { unreachable!("objects are given above") };
    properties.as_object_mut().expect("an object is given above").extend(more);
    properties
}

/// A relationship.
pub(crate) struct Edge {
    pub(crate) from: End,
    pub(crate) verb: &'static str,
    pub(crate) to: End,
    pub(crate) discriminator: &'static str,
    pub(crate) properties: Option<Value>,
    /// The number of the partition that it is from.
    pub(crate) partition: usize,
}

/// Gives every relationship of an account to `each`.
pub(crate) fn relationships(account: usize, mut each: impl FnMut(&Edge)) {
    let at = |type_name: &'static str, number: usize| End { type_name, key: key(account, type_name, number) };
    let edge = |from: End, verb, to: End, by: By| {
        let partition = by.partition(from.type_name, to.type_name);
        Edge { from, verb, to, discriminator: "", properties: None, partition }
    };
    for (service, types) in SERVICES {
        each(&edge(at("aws_account", 0), "HAS", at(service, 0), By::To));
        for type_name in *types {
            for number in 0..count(type_name) {
                each(&edge(at(service, 0), "HAS", at(type_name, number), By::To));
            }
        }
    }
    for it in RULES {
        for from in 0..it.of.min(count(it.from)) {
            for member in 0..it.each {
                let to = (from * it.each * it.step + member * it.step) % count(it.to);
                let properties = permission(it, from);
                each(&Edge { properties, ..edge(at(it.from, from), it.verb, at(it.to, to), it.by) });
            }
        }
    }
    let internet = || End { type_name: "internet", key: INTERNET.to_owned() };
    for number in 0..count("aws_security_group") {
        let group = || at("aws_security_group", number);
        each(&Edge {
            discriminator: "egress:*:0:65535:0.0.0.0/0",
            properties: Some(firewall_rule(false, "*", "*")),
            ..edge(group(), "ALLOWS", internet(), By::Linker)
        });
        if number.is_multiple_of(OPEN) {
            each(&Edge {
                discriminator: "ingress:tcp:443:443:0.0.0.0/0",
                properties: Some(firewall_rule(true, "tcp", "443")),
                ..edge(internet(), "ALLOWS", group(), By::Linker)
            });
        }
    }
}

fn count(type_name: &str) -> usize {
    ENTITIES.iter().find(|it| it.0 == type_name).expect("the types of rules are those of entities").1
}

fn permission(it: &Rule, from: usize) -> Option<Value> {
    if it.from == "aws_security_group" && it.verb == "ALLOWS" {
        return Some(firewall_rule(true, "tcp", "8080"));
    }
    (it.verb == "ALLOWS").then(|| {
        json!({
            "effect": "ALLOW", "effective": true, "actions": ["s3:GetObject", "s3:ListBucket"],
            "normalizedActions": ["s3:getobject", "s3:listbucket"], "resources": ["*"], "sids": [],
            "conditions": [], "conditionKeys": [], "hasCondition": from.is_multiple_of(5), "hasVariables": false,
            "admin": false, "read": true, "list": true, "create": false, "update": from.is_multiple_of(3),
            "delete": false, "tag": false, "invoke": false, "write": from.is_multiple_of(3), "subResource": false,
            "collapsed": false, "partial": false, "conditionalDeny": false, "crossAccount": false, "awsManaged": false,
        })
    })
}

fn firewall_rule(ingress: bool, protocol: &str, port: &str) -> Value {
    json!({
        "ingress": ingress, "inbound": ingress, "egress": !ingress, "outbound": !ingress, "ipProtocol": protocol,
        "protocol": protocol, "portRange": port, "fromPort": 0, "toPort": 65535, "cidr": "0.0.0.0/0", "ipVersion": 4,
    })
}

/// Classes as the data model has them.
pub(crate) fn classes(type_name: &str) -> &'static [&'static str] {
    vocabulary::by_name(type_name).expect("types are of the data model").class
}

/// A number that looks random and is always the same: the finalizer of `SplitMix64`.
fn mixed(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}
