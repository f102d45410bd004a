//! A large organization that nobody has: 200 accounts with 100 roles, 300 policies and 4,600 other entities each. Names
//! follow from numbers, so every run has the same.

use orgraph_model::vocabulary as types;
use orgraph_model::{AccountId, Entity, EntityType, Key, Properties, Region, Source};
use serde_json::{Value, json};

pub(crate) const ACCOUNTS: usize = 200;
pub(crate) const ROLES: usize = 100;
pub(crate) const POLICIES_OF_ROLE: usize = 3;
/// Resources belong to applications, and so do roles.
const APPLICATIONS: usize = 20;
pub(crate) const REGIONS: [&str; 3] = ["eu-west-1", "eu-central-1", "us-east-1"];

/// What an account has besides roles and policies: who collects it, whether region by region, how many in an account,
/// the type and its ARN after the service.
pub(crate) const RESOURCES: [Resource; 17] = [
    resource("s3_buckets", false, 100, types::AWS_S3_BUCKET, "s3", ""),
    resource("sqs_queues", true, 150, types::AWS_SQS_QUEUE, "sqs", ""),
    resource("sns_topics", true, 150, types::AWS_SNS_TOPIC, "sns", ""),
    resource("dynamodb_tables", true, 120, types::AWS_DYNAMODB_TABLE, "dynamodb", "table/"),
    resource("kms_keys", true, 80, types::AWS_KMS_KEY, "kms", "key/"),
    resource("lambda_functions", true, 250, types::AWS_LAMBDA_FUNCTION, "lambda", "function:"),
    resource("logs_groups", true, 750, types::AWS_CLOUDWATCH_LOG_GROUP, "logs", "log-group:"),
    resource("cloudwatch_alarms", true, 300, types::AWS_CLOUDWATCH_METRIC_ALARM, "cloudwatch", "alarm:"),
    resource("events_rules", true, 100, types::AWS_CLOUDWATCH_EVENT_RULE, "events", "rule/"),
    resource("ecr_repositories", true, 60, types::AWS_ECR_REPOSITORY, "ecr", "repository/"),
    resource("ec2_instances", true, 500, types::AWS_INSTANCE, "ec2", "instance/"),
    resource("ec2_volumes", true, 600, types::AWS_EBS_VOLUME, "ec2", "volume/"),
    resource("ec2_snapshots", true, 450, types::AWS_EBS_SNAPSHOT, "ec2", "snapshot/"),
    resource("ec2_interfaces", true, 720, types::AWS_ENI, "ec2", "network-interface/"),
    resource("ec2_security_groups", true, 150, types::AWS_SECURITY_GROUP, "ec2", "security-group/"),
    resource("ec2_networks", true, 60, types::AWS_SUBNET, "ec2", "subnet/"),
    resource("ec2_vpcs", true, 60, types::AWS_VPC, "ec2", "vpc/"),
];

#[derive(Debug, Clone, Copy)]
pub(crate) struct Resource {
    pub(crate) collector: &'static str,
    pub(crate) is_regional: bool,
    count: usize,
    pub(crate) entity_type: EntityType,
    service: &'static str,
    before_name: &'static str,
}

const fn resource(
    collector: &'static str,
    is_regional: bool,
    count: usize,
    entity_type: EntityType,
    service: &'static str,
    before_name: &'static str,
) -> Resource {
    Resource { collector, is_regional, count, entity_type, service, before_name }
}

pub(crate) fn account(number: usize) -> AccountId {
    format!("{:012}", 100_000_000_000 + number * 7).parse().expect("twelve digits are an account ID")
}

impl Resource {
    /// The entities of one partition of it.
    pub(crate) fn entities(&self, of: usize, region_at: usize) -> Vec<Entity> {
        let numbers = (0..self.count).filter(|it| !self.is_regional || it % REGIONS.len() == region_at);
        numbers.map(|it| self.entity(of, it)).collect()
    }

    fn region(&self, number: usize) -> Region {
        let name = if self.is_regional { REGIONS[number % REGIONS.len()] } else { "global" };
        name.parse().expect("a region")
    }

    fn name(&self, of: usize, number: usize) -> String {
        let application = number % APPLICATIONS;
        match self.service {
            "s3" => format!("app{application:02}-data-{of:03}-{number:04}"),
            "ec2" | "kms" => format!("{}-{:017x}", &self.before_name[..1], of * 1_000_003 + number * 7919),
            _ => format!("app{application:02}-{}-{number:04}", self.service),
        }
    }

    fn arn(&self, of: usize, number: usize) -> String {
        let name = self.name(of, number);
        if self.service == "s3" {
            return format!("arn:aws:s3:::{name}");
        }
        let (region, account) = (self.region(number), account(of));
        format!("arn:aws:{}:{region}:{account}:{}{name}", self.service, self.before_name)
    }

    fn entity(&self, of: usize, number: usize) -> Entity {
        let arn = self.arn(of, number);
        let name = self.name(of, number);
        let properties = json!({
            "id": name, "arn": arn, "accountId": account(of).as_str(), "region": self.region(number).as_str(),
            "vpcId": "vpc-00000000000000001", "encrypted": number.is_multiple_of(3), "public": false, "active": true,
            "ingressRules": [], "egressRules": [],
            "createdOn": 1_700_000_000_000_u64 + number as u64, "state": "available",
        });
        entity(of, self.region(number), self.entity_type, arn, &name, properties)
    }
}

/// The roles of an account and their policies: two inline, one managed.
pub(crate) fn principals(of: usize) -> Vec<Entity> {
    let mut entities = Vec::new();
    for role in 0..ROLES {
        let name = format!("app{:02}-role-{role:03}", role % APPLICATIONS);
        let arn = format!("arn:aws:iam::{}:role/{name}", account(of));
        let trusted = json!({"Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": trusted(of, role),
        }]});
        let properties = json!({"roleName": name, "roleId": format!("AROA{of:04}{role:06}"), "arn": arn, "assumeRolePolicy": trusted});
        entities.push(entity(of, Region::global(), types::AWS_IAM_ROLE, arn.clone(), &name, properties));
        for number in 0..POLICIES_OF_ROLE {
            let name = format!("{name}-{number}");
            let (entity_type, key) = match number {
                0 => (types::AWS_IAM_POLICY, format!("arn:aws:iam::{}:policy/{name}", account(of))),
                _ => (types::AWS_IAM_ROLE_POLICY, format!("aws_iam_role_policy:{arn}:{name}")),
            };
            let properties = json!({
                "name": name, "awsManaged": false, "policyDocument": document(of, role * POLICIES_OF_ROLE + number),
            });
            entities.push(entity(of, Region::global(), entity_type, key, &name, properties));
        }
    }
    entities
}

fn trusted(of: usize, role: usize) -> Value {
    match role % 10 {
        0 => json!({"AWS": format!("arn:aws:iam::{}:root", account((of + 1) % ACCOUNTS))}),
        1 => json!({"AWS": format!("arn:aws:iam::{}:role/app00-role-000", account((of + 7) % ACCOUNTS))}),
        it if it < 6 => json!({"Service": "lambda.amazonaws.com"}),
        _ => json!({"Service": "ec2.amazonaws.com"}),
    }
}

/// What applications are allowed: their own resources by name or prefix, logs, sometimes whole services, sometimes what
/// another account has; some with Deny statements and conditions.
fn document(of: usize, number: usize) -> Value {
    let application = number % APPLICATIONS;
    let (bucket, queue, table) = (RESOURCES[0], RESOURCES[1], RESOURCES[3]);
    // One of those of the application.
    let nth = |of: &Resource, nth: usize| (application + APPLICATIONS * nth) % of.count;
    let allow = |actions: Value, resources: Value| json!({"Effect": "Allow", "Action": actions, "Resource": resources});
    // Of one function, seldom of all.
    let group = if number.is_multiple_of(8) {
        "*".to_owned()
    } else {
        format!("logs-{:04}", nth(&RESOURCES[6], number % 9))
    };
    let logs = allow(
        json!(["logs:CreateLogStream", "logs:PutLogEvents"]),
        json!([format!("arn:aws:logs:*:{}:log-group:app{application:02}-{group}:*", account(of))]),
    );
    let mut statements = match number % 16 {
        0..=4 => {
            let bucket = bucket.arn(of, nth(&bucket, number % 5));
            vec![
                allow(
                    json!(["s3:GetObject", "s3:PutObject", "s3:DeleteObject"]),
                    json!([format!("{bucket}/*")]),
                ),
                allow(json!("s3:ListBucket"), json!(bucket)),
                allow(
                    json!(["sqs:SendMessage", "sqs:ReceiveMessage", "sqs:DeleteMessage"]),
                    json!(queue.arn(of, nth(&queue, number % 7))),
                ),
            ]
        }
        5..=8 => vec![
            allow(
                json!(["dynamodb:GetItem", "dynamodb:Query", "dynamodb:PutItem", "dynamodb:BatchGet*"]),
                json!([
                    format!("arn:aws:dynamodb:*:{}:table/app{application:02}-*", account(of)),
                    format!("{}/index/*", table.arn(of, nth(&table, 1))),
                ]),
            ),
            allow(
                json!(["lambda:InvokeFunction"]),
                json!(format!("arn:aws:lambda:*:*:function:app{application:02}-*")),
            ),
        ],
        9 | 10 => vec![allow(
            json!([
                "ec2:Describe*",
                "cloudwatch:GetMetricData",
                "xray:PutTraceSegments",
                "autoscaling:Describe*"
            ]),
            json!("*"),
        )],
        11 => vec![allow(
            json!(["ec2:StartInstances", "ec2:StopInstances"]),
            json!(format!("arn:aws:ec2:*:{}:instance/*", account(of))),
        )],
        12 => vec![
            allow(
                json!("s3:*"),
                json!([
                    format!("arn:aws:s3:::app{application:02}-*"),
                    format!("arn:aws:s3:::app{application:02}-*/*")
                ]),
            ),
            json!({"Effect": "Deny", "Action": ["s3:DeleteBucket*", "s3:PutBucketPolicy"], "Resource": "*"}),
        ],
        13 => {
            let other = (of + 1 + number) % ACCOUNTS;
            vec![
                allow(json!("s3:GetObject"), json!(format!("{}/*", bucket.arn(other, nth(&bucket, 1))))),
                allow(
                    json!("sts:AssumeRole"),
                    json!(format!(
                        "arn:aws:iam::{}:role/app{application:02}-role-{application:03}",
                        account(other)
                    )),
                ),
            ]
        }
        14 => vec![json!({
            "Effect": "Allow", "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
            "Resource": format!("arn:aws:kms:*:{}:key/*", account(of)),
            "Condition": {"StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}},
        })],
        _ if number.is_multiple_of(96) => vec![allow(json!("*"), json!("*"))],
        _ => vec![json!({"Effect": "Allow", "NotAction": ["iam:*", "organizations:*"], "Resource": "*"})],
    };
    statements.push(logs);
    json!({"Version": "2012-10-17", "Statement": statements})
}

fn entity(
    of: usize,
    region: Region,
    entity_type: EntityType,
    key: String,
    name: &str,
    properties: Value,
) -> Entity {
    let Value::Object(properties) = properties else { unreachable!("an object was given") };
    Entity {
        key: Key::from(key),
        entity_type,
        source: Source::Integration,
        account: account(of),
        region,
        name: Some(name.to_owned()),
        display_name: Some(name.to_owned()),
        properties,
        tags: Properties::new(),
        volatile: &[],
    }
}
