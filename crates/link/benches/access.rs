//! How long it takes to say who may do something, of 20,000 roles with three policies each over 200 accounts: reading the
//! facts, and one decision per role, in seconds.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark prints, and stops at the first surprise"
)]

use std::time::Instant;

use orgraph_link::Fact;
use orgraph_link::access::{
    Action, Answer, Context, Directory, Guardrails, Known, Level, Membership, Policy, Question, Target,
    decide,
};
use orgraph_model::vocabulary::{AWS_IAM_ROLE, AWS_IAM_ROLE_POLICY, AWS_S3_BUCKET, AWS_S3_BUCKET_POLICY};
use orgraph_model::{EntityType, Key, Properties, Region, Relationship, Verb};
use serde_json::{Value, json};

const ROLES: usize = 20_000;
const ACCOUNTS: usize = 200;

fn main() {
    let (facts, relationships) = organization();
    let begun = Instant::now();
    let directory = Directory::new(facts, relationships, Vec::new());
    let read = begun.elapsed().as_secs_f64();
    println!("{:<28} {read:>8.3}", "reading the facts");
    for (action, bucket) in
        [("s3:GetObject", "arn:aws:s3:::data/x"), ("s3:DeleteBucket", "arn:aws:s3:::data")]
    {
        let begun = Instant::now();
        let (allowed, unknown) = who_can(&directory, action, bucket);
        let took = begun.elapsed().as_secs_f64();
        println!("{action:<28} {took:>8.3}   {allowed} allowed, {unknown} unknown");
    }
}

fn who_can(directory: &Directory, action: &str, arn: &str) -> (usize, usize) {
    let action = Action::read(action).unwrap();
    let resource = directory.resource(Target::read(arn).unwrap(), None);
    let membership = Known::Known(Membership {
        organization_id: Some("o-1".to_owned()),
        path: Some("o-1/r-1/".to_owned()),
        is_management: false,
    });
    let all = json!({"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}});
    let all = std::sync::Arc::new(Policy::read("FullAWSAccess", &all));
    let level = |place: &str| Level { place: place.to_owned(), policies: vec![all.clone()] };
    let scps = Known::Known(Guardrails::Levels(["root", "unit", "account"].map(level).into()));
    let rcps = Known::Known(Guardrails::Off("not used"));
    let context = Context::default();
    let mut counts = (0, 0);
    for candidate in directory.candidates() {
        let decision = decide(&Question {
            requester: &candidate.requester,
            identity: &candidate.identity,
            session: None,
            membership: &membership,
            scps: &scps,
            action: &action,
            resource: &resource,
            resource_membership: &membership,
            rcps: &rcps,
            context: &context,
        });
        match decision.answer {
            Answer::Allowed => counts.0 += 1,
            Answer::Unknown => counts.1 += 1,
            Answer::Denied => {}
        }
    }
    counts
}

fn organization() -> (Vec<Fact>, Vec<Relationship>) {
    let mut facts = Vec::new();
    let mut relationships = Vec::new();
    for at in 0..ROLES {
        let account = format!("{:012}", 100_000_000_000 + at % ACCOUNTS);
        let role = format!("arn:aws:iam::{account}:role/role-{at}");
        facts.push(fact(
            AWS_IAM_ROLE,
            &role,
            &account,
            &json!({"roleId": format!("AROA{at:017}"), "roleName": format!("role-{at}"), "permissionsBoundaryArn": null,
                "assumeRolePolicy": {"Statement": {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": "*"}}}),
        ));
        for policy in 0..3 {
            let key = format!("aws_iam_role_policy:{role}:{policy}");
            let properties = json!({"policyName": policy.to_string(), "principalArn": role, "policyDocument": document(at, policy)});
            facts.push(fact(AWS_IAM_ROLE_POLICY, &key, &account, &properties));
            relationships.push(Relationship {
                from: AWS_IAM_ROLE.at(&role),
                verb: Verb::Has,
                to: AWS_IAM_ROLE_POLICY.at(key),
                discriminator: String::new(),
                properties: Properties::new(),
            });
        }
    }
    let owner = "100000000000";
    facts.push(fact(AWS_S3_BUCKET, "arn:aws:s3:::data", owner, &json!({})));
    let policy = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": "*", "Action": "s3:Get*", "Resource": "arn:aws:s3:::data/*",
         "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}},
        {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*",
         "Condition": {"Bool": {"aws:SecureTransport": "false"}}},
    ]});
    let properties = json!({"public": false, "policyDocument": policy});
    facts.push(fact(AWS_S3_BUCKET_POLICY, "aws_s3_bucket_policy:arn:aws:s3:::data", owner, &properties));
    (facts, relationships)
}

fn document(role: usize, policy: usize) -> Value {
    let statements: Vec<Value> = (0..4)
        .map(|at| {
            let service = ["s3", "sqs", "dynamodb", "kms", "ec2"][(role + policy + at) % 5];
            json!({
                "Effect": if at == 3 { "Deny" } else { "Allow" },
                "Action": [format!("{service}:Get*"), format!("{service}:List*"), format!("{service}:Put{at}*")],
                "Resource": [format!("arn:aws:{service}:::d*{at}/${{aws:PrincipalTag/team}}/*"), format!("arn:aws:{service}:::da*")],
            })
        })
        .collect();
    json!({"Version": "2012-10-17", "Statement": statements})
}

fn fact(entity_type: EntityType, key: &str, account: &str, properties: &Value) -> Fact {
    Fact {
        key: Key::from(key),
        entity_type,
        account: account.parse().unwrap(),
        region: Region::global(),
        name: None,
        properties: properties.as_object().unwrap().clone(),
        tags: Properties::new(),
    }
}
