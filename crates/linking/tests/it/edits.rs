//! After whatever edits, what was skipped is what would have been computed.

use orgraph_model::vocabulary as types;
use orgraph_model::{AccountId, Entity, Status};
use orgraph_store::Lease;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};

use crate::fixture::{Fixture, account, entity};

/// A run of one collector of one account.
#[derive(Debug, Clone)]
struct Edit {
    of_second: bool,
    collector: &'static str,
    status: Status,
    /// Which entities are there, and in which of several ways each of them is.
    there: Vec<(bool, usize)>,
    /// Whether the linkers of the other account run before those of this one.
    other_first: bool,
}

const COLLECTORS: [&str; 9] =
    ["iam", "queues", "buckets", "networks", "zones", "instances", "trails", "organization", "roster:people"];

fn edit() -> impl Strategy<Value = Edit> {
    let status = prop_oneof![
        6 => Just(Status::Complete),
        1 => Just(Status::Partial),
        1 => Just(Status::DeniedIam),
        1 => Just(Status::Failed),
    ];
    let collector = proptest::sample::select(COLLECTORS.to_vec());
    (any::<bool>(), collector, status, vec((proptest::bool::weighted(0.8), 0..4_usize), 8), any::<bool>())
        .prop_map(|(of_second, collector, status, there, other_first)| Edit {
            of_second,
            collector,
            status,
            there,
            other_first,
        })
}

/// The entities of an edit.
fn entities(edit: &Edit, of: &AccountId, other: &AccountId) -> Vec<Entity> {
    let named = edit.there.iter().enumerate().filter(|(_, (is_there, _))| *is_there);
    let each = named.map(|(at, (_, way))| one(edit.collector, at, *way, of, other));
    let mut entities: Vec<Entity> = each.collect();
    entities.sort_by(|a, b| a.key.cmp(&b.key));
    entities.dedup_by(|a, b| a.key == b.key);
    entities
}

fn one(collector: &str, at: usize, way: usize, of: &AccountId, other: &AccountId) -> Entity {
    match collector {
        "iam" => principal(at, way, of, other),
        "queues" => {
            let key = format!("arn:aws:sqs:eu-west-1:{of}:q{at}");
            entity(of, types::AWS_SQS_QUEUE, &key, json!({"delay": way}))
        }
        "buckets" => {
            entity(of, types::AWS_S3_BUCKET, &format!("arn:aws:s3:::{of}-b{at}"), json!({"way": way}))
        }
        "networks" => network(at, way, of, other),
        "zones" if at == 0 => {
            let private = json!({"id": "Z", "private": way > 1, "public": way < 2, "vpcIds": ["vpc-1"], "domainName": "example.com"});
            entity(of, types::AWS_ROUTE53_ZONE, &format!("zone:{of}"), private)
        }
        "zones" => {
            let value = json!({"type": "A", "zoneId": "Z", "value": [format!("10.0.0.{way}")]});
            entity(of, types::AWS_ROUTE53_RECORD, &format!("record:{of}:{at}"), value)
        }
        "instances" => {
            let key = format!("arn:aws:ec2:eu-west-1:{of}:instance/i-{at}");
            let address = json!({"privateIpAddress": format!("10.0.0.{way}"), "publicIpAddress": format!("10.0.0.{at}"), "vpcId": "vpc-1"});
            entity(of, types::AWS_INSTANCE, &key, address)
        }
        "trails" => entity(
            of,
            types::AWS_CLOUDTRAIL,
            &format!("trail:{of}:{at}"),
            json!({"organizationTrail": way > 1}),
        ),
        "organization" => {
            // Both describe both.
            let whose = if at.is_multiple_of(2) { of } else { other };
            let key = format!("arn:aws:iam::{whose}:root");
            let mut described = entity(whose, types::AWS_ACCOUNT, &key, json!({}));
            if way > 0 {
                let arn = format!("arn:aws:organizations::{of}:account/o-{way}/{whose}");
                described.properties.insert("orgAccountArn".to_owned(), arn.into());
            }
            described
        }
        _ => {
            let email = json!({"email": [format!("u{way}@example.com")]});
            entity(of, types::PERSON, &format!("person:{of}:{at}"), email)
        }
    }
}

/// Roles, policies, a user and the service.
fn principal(at: usize, way: usize, of: &AccountId, other: &AccountId) -> Entity {
    match at {
        0 => entity(of, types::AWS_IAM, &format!("aws_iam:{of}"), json!({})),
        1 | 2 => {
            let principal = match way {
                0 => json!({"AWS": format!("arn:aws:iam::{other}:role/r1")}),
                1 => json!({"AWS": format!("arn:aws:iam::{other}:root")}),
                2 => json!({"AWS": "*"}),
                _ => json!({"AWS": "AROA1", "Service": "ec2.amazonaws.com"}),
            };
            let statement = json!({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal});
            let boundary = format!("arn:aws:iam::{of}:policy/p{}", 3 + way);
            let properties = json!({
                "roleName": format!("r{at}"), "roleId": format!("AROA{at}"),
                "assumeRolePolicy": {"Statement": statement}, "permissionsBoundaryArn": boundary,
            });
            entity(of, types::AWS_IAM_ROLE, &format!("arn:aws:iam::{of}:role/r{at}"), properties)
        }
        3 => entity(
            of,
            types::AWS_IAM_USER,
            &format!("arn:aws:iam::{of}:user/u"),
            json!({"username": format!("u{way}@example.com"), "userId": "AIDA"}),
        ),
        _ => {
            let resource = match (at + way) % 6 {
                0 => json!("*"),
                1 => json!([format!("arn:aws:s3:::{other}-b1/*"), format!("arn:aws:sqs:*:{of}:q*")]),
                2 => json!(format!("arn:aws:s3:::{of}-b*")),
                3 => json!(format!("arn:aws:iam::{of}:role/*")),
                4 => json!([format!("arn:aws:iam::{other}:role/r1"), "arn:aws:sqs:eu-west-1:999999999999:x"]),
                _ => json!("arn:aws:sqs:*:*:q?"),
            };
            let actions = if way == 3 { json!("secretsmanager:Get*") } else { json!(["*", "sqs:Send*"]) };
            let allow = json!({"Effect": "Allow", "Action": actions, "Resource": resource});
            let deny = json!({"Effect": "Deny", "Action": "sqs:*", "Resource": format!("arn:aws:sqs:*:{of}:q{way}")});
            let document = json!({"Statement": [allow, deny]});
            entity(
                of,
                types::AWS_IAM_POLICY,
                &format!("arn:aws:iam::{of}:policy/p{at}"),
                json!({"policyDocument": document}),
            )
        }
    }
}

fn network(at: usize, way: usize, of: &AccountId, other: &AccountId) -> Entity {
    match at {
        0 | 1 => {
            let key = format!("arn:aws:ec2:eu-west-1:{of}:vpc/vpc-{at}");
            entity(
                of,
                types::AWS_VPC,
                &key,
                json!({"vpcId": format!("vpc-{at}"), "CIDR": format!("10.{way}.0.0/16")}),
            )
        }
        2 | 3 => {
            let key = format!("arn:aws:ec2:eu-west-1:{of}:subnet/s-{at}");
            let range = json!({"vpcId": "vpc-1", "CIDR": format!("10.{way}.{at}.0/24")});
            entity(of, types::AWS_SUBNET, &key, range)
        }
        _ => {
            let range = |it: String| json!({"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": it}]});
            let peer = json!({"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": "sg-5", "UserId": other.as_str()}]});
            let ingress: Vec<Value> = vec![
                range(format!("10.{way}.0.0/16")),
                range(format!("10.1.{way}.0/24")),
                range("0.0.0.0/0".to_owned()),
                peer,
            ];
            let key = format!("arn:aws:ec2:eu-west-1:{of}:security-group/sg-{at}");
            let properties = json!({"groupId": format!("sg-{at}"), "vpcId": "vpc-1", "ingressRules": ingress, "egressRules": []});
            entity(of, types::AWS_SECURITY_GROUP, &key, properties)
        }
    }
}

async fn check(fixture: &Fixture, leases: &[Lease; 2], edits: Vec<Edit>) {
    for (number, edit) in edits.iter().enumerate() {
        let [one, two] = leases;
        let (lease, other) = if edit.of_second { (two, one) } else { (one, two) };
        fixture.put(lease, edit.collector, edit.status, entities(edit, &lease.account, &other.account)).await;
        let order = if edit.other_first { [other, lease] } else { [lease, other] };
        for lease in order {
            fixture.run(lease).await;
            assert_eq!(fixture.missing(lease).await, [], "after {:?}", &edits[..=number]);
        }
        if number == 0 {
            // What one account stands in for can be input of the other, and of itself, once.
            for lease in [order, order].concat() {
                fixture.run(lease).await;
            }
            for lease in order {
                assert_eq!(fixture.run(lease).await.computed, [""; 0], "after {edit:?}");
            }
        }
    }
}

#[test]
fn what_is_skipped_is_what_would_be_computed() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let mut runner = TestRunner::new(Config { cases: 24, failure_persistence: None, ..Config::default() });

    let result = runner.run(&vec(edit(), 1..10), |edits| {
        runtime.block_on(async {
            let fixture = Fixture::new().await;
            let leases = [fixture.lease(&account(1)).await, fixture.lease(&account(2)).await];
            check(&fixture, &leases, edits).await;
        });
        Ok(())
    });

    if let Err(error) = result {
        panic!("{error}");
    }
}
