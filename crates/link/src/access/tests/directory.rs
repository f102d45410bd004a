//! Stored facts as what decisions rest on.

use orgraph_model::vocabulary::{
    AWS_ACCOUNT, AWS_IAM_GROUP, AWS_IAM_GROUP_POLICY, AWS_IAM_POLICY, AWS_IAM_ROLE, AWS_IAM_USER,
    AWS_KMS_KEY, AWS_ORGANIZATION, AWS_ORGANIZATIONAL_UNIT, AWS_ORGANIZATIONS_POLICY, AWS_S3_BUCKET,
    AWS_S3_BUCKET_POLICY, AWS_SQS_QUEUE,
};
use orgraph_model::{AccountId, EntityType, Properties, Region, Relationship, Verb};
use serde_json::{Value, json};

use super::super::*;
use super::words::document;
use crate::Fact;

const ANN: &str = "arn:aws:iam::111111111111:user/ann";
const OPS: &str = "arn:aws:iam::111111111111:role/ops";
const BUCKET: &str = "arn:aws:s3:::bucket";

fn fact(entity_type: EntityType, key: &str, account: &str, properties: Value) -> Fact {
    let Value::Object(properties) = properties else { panic!("properties are an object") };
    let region = key.split(':').nth(3).filter(|it| it.contains('-')).unwrap_or("global");
    Fact {
        key: key.into(),
        entity_type,
        account: account.parse().unwrap(),
        region: region.parse::<Region>().unwrap(),
        name: None,
        properties,
        tags: Properties::new(),
    }
}

fn relationship(from: EntityType, from_key: &str, verb: Verb, to: EntityType, to_key: &str) -> Relationship {
    Relationship {
        from: from.at(from_key),
        verb,
        to: to.at(to_key),
        discriminator: String::new(),
        properties: Properties::new(),
    }
}

fn facts() -> Vec<Fact> {
    let own = |entity_type, key: &str, properties| fact(entity_type, key, "111111111111", properties);
    let of_organization =
        |entity_type, key: &str, properties| fact(entity_type, key, "999999999999", properties);
    let member = |key: &str, management: bool, ou_ids: Value| {
        let properties = json!({
            "organizationId": "o-1", "management": management, "ouIds": ou_ids, "ouPath": "o-1/r-1/"
        });
        fact(AWS_ACCOUNT, key, key.split(':').nth(4).unwrap(), properties)
    };
    vec![
        own(AWS_IAM_USER, ANN, json!({"userId": "AIDAEXAMPLEEXAMPLE123", "permissionsBoundaryArn": null})),
        own(
            AWS_IAM_ROLE,
            OPS,
            json!({
                "roleId": "AROAEXAMPLEEXAMPLE123", "roleName": "ops",
                "permissionsBoundaryArn": "arn:aws:iam::aws:policy/ReadOnlyAccess",
                "assumeRolePolicy": document("allow sts:AssumeRole to A"),
            }),
        ),
        own(AWS_IAM_GROUP, "arn:aws:iam::111111111111:group/g", json!({})),
        own(
            AWS_IAM_GROUP_POLICY,
            "aws_iam_group_policy:g",
            json!({"policyName": "in", "principalArn": "g", "policyDocument": document("allow s3:Get*")}),
        ),
        own(
            AWS_IAM_POLICY,
            "arn:aws:iam::111111111111:policy/all",
            json!({"arn": "arn:aws:iam::111111111111:policy/all", "policyDocument": document("allow *")}),
        ),
        own(
            AWS_IAM_POLICY,
            "aws_iam_policy:111111111111:arn:aws:iam::aws:policy/ReadOnlyAccess",
            json!({"arn": "arn:aws:iam::aws:policy/ReadOnlyAccess", "policyDocument": document("allow s3:Get*")}),
        ),
        own(AWS_S3_BUCKET, BUCKET, json!({"restrictPublicBuckets": false})),
        own(
            AWS_S3_BUCKET_POLICY,
            "aws_s3_bucket_policy:arn:aws:s3:::bucket",
            json!({"public": false, "policyDocument": document("deny s3:Put* to *")}),
        ),
        own(AWS_KMS_KEY, "arn:aws:kms:eu-west-1:111111111111:key/k", json!({})),
        own(AWS_SQS_QUEUE, "arn:aws:sqs:eu-west-1:111111111111:queue", json!({"policy": null})),
        of_organization(
            AWS_ORGANIZATION,
            "arn:aws:organizations::999999999999:organization/o-1",
            json!({"id": "o-1", "availablePolicyTypes": ["SERVICE_CONTROL_POLICY"]}),
        ),
        of_organization(AWS_ORGANIZATIONAL_UNIT, "ou-key", json!({"id": "ou-1"})),
        of_organization(
            AWS_ORGANIZATIONS_POLICY,
            "p-full",
            json!({"id": "p-full", "policyType": "SERVICE_CONTROL_POLICY", "policyDocument": document("allow *")}),
        ),
        of_organization(
            AWS_ORGANIZATIONS_POLICY,
            "p-no-get",
            json!({
                "id": "p-no-get", "policyType": "SERVICE_CONTROL_POLICY",
                "policyDocument": document("deny s3:GetObjectAcl"),
            }),
        ),
        member("arn:aws:iam::111111111111:root", false, json!(["r-1", "ou-1"])),
        member("arn:aws:iam::999999999999:root", true, json!(["r-1"])),
    ]
}

fn relationships() -> Vec<Relationship> {
    let organization = "arn:aws:organizations::999999999999:organization/o-1";
    let account = "arn:aws:iam::111111111111:root";
    let restricts =
        |policy, to, key| relationship(AWS_ORGANIZATIONS_POLICY, policy, Verb::Restricts, to, key);
    vec![
        relationship(AWS_IAM_GROUP, "arn:aws:iam::111111111111:group/g", Verb::Contains, AWS_IAM_USER, ANN),
        relationship(
            AWS_IAM_GROUP,
            "arn:aws:iam::111111111111:group/g",
            Verb::Has,
            AWS_IAM_GROUP_POLICY,
            "aws_iam_group_policy:g",
        ),
        relationship(AWS_IAM_ROLE, OPS, Verb::Has, AWS_IAM_POLICY, "arn:aws:iam::111111111111:policy/all"),
        restricts("p-full", AWS_ORGANIZATION, organization),
        restricts("p-full", AWS_ORGANIZATIONAL_UNIT, "ou-key"),
        restricts("p-no-get", AWS_ORGANIZATIONAL_UNIT, "ou-key"),
        restricts("p-full", AWS_ACCOUNT, account),
    ]
}

fn doubt(account: &str, region: &str, types: &[EntityType], key: Option<&str>) -> Doubt {
    Doubt {
        account: account.parse().unwrap(),
        region: region.to_owned(),
        types: types.to_vec(),
        key: key.map(str::to_owned),
        text: "not read".to_owned(),
    }
}

fn decision(directory: &Directory, who: &str, action: &str, on: &str) -> Decision {
    let Candidate { requester, identity } = directory.candidate(who).unwrap();
    let account = requester.account.clone().unwrap();
    let resource = directory.resource(Target::read(on).unwrap(), Some(&account));
    let owner: AccountId = resource.account.clone().unwrap();
    decide(&Question {
        requester: &requester,
        identity: &identity,
        session: None,
        membership: &directory.membership(&account),
        scps: &directory.guardrails(&account, LayerKind::Scp),
        action: &Action::read(action).unwrap(),
        resource: &resource,
        resource_membership: &directory.membership(&owner),
        rcps: &directory.guardrails(&owner, LayerKind::Rcp),
        context: &Context::default(),
    })
}

#[test]
fn facts_are_put_together() {
    let directory = Directory::new(facts(), relationships(), Vec::new());
    let check = |who: &str, action: &str, on: &str, expected: Answer| {
        let decision = decision(&directory, who, action, on);
        assert_eq!(decision.answer, expected, "{who} {action} {on}: {decision:#?}");
    };

    check(ANN, "s3:GetObject", "arn:aws:s3:::bucket/x", Answer::Allowed);
    check(ANN, "s3:PutObject", "arn:aws:s3:::bucket/x", Answer::Denied);
    check(ANN, "s3:GetObjectAcl", "arn:aws:s3:::bucket/x", Answer::Denied);
    check(OPS, "s3:GetObject", "arn:aws:s3:::bucket/x", Answer::Allowed);
    // The boundary is a policy of AWS, which is an entity of the account.
    check(OPS, "ec2:StopInstances", "arn:aws:ec2:eu-west-1:111111111111:instance/i-1", Answer::Denied);
    let session = "arn:aws:sts::111111111111:assumed-role/ops/one";
    check(session, "s3:GetObject", "arn:aws:s3:::bucket/x", Answer::Allowed);
    check("arn:aws:iam::111111111111:root", "s3:GetObject", "arn:aws:s3:::bucket/x", Answer::Allowed);
    // The policy of the key was never read.
    check(OPS, "kms:Decrypt", "arn:aws:kms:eu-west-1:111111111111:key/k", Answer::Unknown);
    check(ANN, "sqs:SendMessage", "arn:aws:sqs:eu-west-1:111111111111:queue", Answer::Denied);
    assert_eq!(directory.candidate("arn:aws:iam::111111111111:user/nobody"), None);
}

#[test]
fn what_is_in_doubt_is_named_and_only_where_it_matters() {
    let check = |doubt: Doubt, action: &str, expected: Answer| {
        let directory = Directory::new(facts(), relationships(), vec![doubt.clone()]);
        let decision = decision(&directory, ANN, action, "arn:aws:s3:::bucket/x");
        assert_eq!(decision.answer, expected, "{doubt:?} {decision:#?}");
        let is_named = decision.needs.contains(&Need::Fact("not read".to_owned()));
        assert_eq!(is_named, expected == Answer::Unknown, "{decision:#?}");
    };
    let principals = [AWS_IAM_USER, AWS_IAM_GROUP];

    check(doubt("111111111111", "global", &principals, None), "s3:GetObject", Answer::Unknown);
    // The bucket's policy denies it whatever the rest is.
    check(doubt("111111111111", "global", &principals, None), "s3:PutObject", Answer::Denied);
    check(doubt("111111111111", "global", &principals, Some(OPS)), "s3:GetObject", Answer::Allowed);
    check(doubt("222222222222", "global", &principals, None), "s3:GetObject", Answer::Allowed);
    check(doubt("111111111111", "eu-west-1", &[AWS_KMS_KEY], None), "s3:GetObject", Answer::Allowed);
    check(doubt("111111111111", "global", &[AWS_S3_BUCKET_POLICY], None), "s3:GetObject", Answer::Unknown);
    check(
        doubt("999999999999", "global", &[AWS_ORGANIZATIONS_POLICY], None),
        "s3:GetObject",
        Answer::Unknown,
    );
    let of_policy = doubt("999999999999", "global", &[AWS_ORGANIZATIONS_POLICY], Some("p-no-get"));
    check(of_policy, "s3:GetObject", Answer::Unknown);
}

#[test]
fn without_an_organization_nobody_knows_what_limits_an_account() {
    let own = facts()
        .into_iter()
        .filter(|it| it.account.as_str() == "111111111111" && it.entity_type != AWS_ACCOUNT);
    let directory = Directory::new(own, relationships(), Vec::new());

    let decision = decision(&directory, ANN, "s3:GetObject", "arn:aws:s3:::bucket/x");

    assert_eq!(decision.answer, Answer::Unknown);
    assert!(decision.needs.iter().all(|it| it.text().contains("organization")), "{:?}", decision.needs);
}

#[test]
fn a_placeholder_is_no_principal() {
    let mut placeholder = fact(AWS_IAM_USER, ANN, "111111111111", json!({}));
    placeholder.properties.insert("placeholder".to_owned(), json!(true));

    let directory = Directory::new([placeholder], [], Vec::new());

    assert_eq!(directory.candidates().count(), 0);
}

#[test]
fn what_holds_the_policy_of_an_arn_is_found() {
    let check = |arn: &str, expected: &[&str]| {
        let keys = Directory::keys_of(&Target::read(arn).unwrap());
        assert_eq!(keys.iter().map(String::as_str).collect::<Vec<_>>(), expected, "{arn}");
    };

    check("arn:aws:s3:::bucket/a/b", &["arn:aws:s3:::bucket", "aws_s3_bucket_policy:arn:aws:s3:::bucket"]);
    check("arn:aws:sns:eu-west-1:1:topic:subscription", &["arn:aws:sns:eu-west-1:1:topic"]);
    check("arn:aws:es:eu-west-1:1:domain/d/index/_search", &["arn:aws:es:eu-west-1:1:domain/d"]);
    check("arn:aws:lambda:eu-west-1:1:function:f", &["arn:aws:lambda:eu-west-1:1:function:f"]);
    check("arn:aws:ec2:eu-west-1:1:instance/i", &["arn:aws:ec2:eu-west-1:1:instance/i"]);
    check("arn:aws:s3:::bucket/*", &[]);
}

#[test]
fn policies_of_resources_say_whom_they_let_in() {
    let mut facts = facts();
    facts.push(fact(
        AWS_SQS_QUEUE,
        "arn:aws:sqs:eu-west-1:222222222222:jobs",
        "222222222222",
        json!({"policy": document("allow sqs:SendMessage to A")}),
    ));
    let directory = Directory::new(facts, relationships(), Vec::new());
    let account: AccountId = "111111111111".parse().unwrap();

    let grants = directory.grants_of_resources(Some(&account));

    let shown: Vec<String> = grants.iter().map(|it| format!("{} {}", it.action, it.resource)).collect();
    assert_eq!(
        shown,
        [
            "sqs:SendMessage arn:aws:sqs:eu-west-1:222222222222:jobs",
            "sts:AssumeRole arn:aws:iam::111111111111:role/ops",
        ]
    );
    let jobs = Target::read("arn:aws:sqs:eu-west-1:222222222222:jobs").unwrap();
    let let_in = Directory::accounts_let_in(&directory.resource(jobs, None)).unwrap();
    assert_eq!(let_in.len(), 2);
}
