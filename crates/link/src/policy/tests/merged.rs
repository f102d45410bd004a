//! What is told about one policy and one target.

use serde_json::{Value, json};

use super::{POLICY, allow, linked, linked_with, only, shown};
use crate::Settings;
use crate::facts::tests::fact;
use orgraph_model::vocabulary::{AWS_IAM_POLICY, AWS_IAM_ROLE_POLICY};

fn with(mut statement: Value, member: &str, value: Value) -> Value {
    statement[member] = value;
    statement
}

#[test]
fn an_administrator_has_everything_of_its_own_account() {
    let everything = only(&linked(json!([with(allow(&json!("*"), &json!("*")), "Sid", json!("All"))])));

    let expected = json!({
        "effect": "ALLOW", "effective": true, "actions": ["*"], "normalizedActions": ["*"], "resources": ["*"],
        "sids": ["All"], "admin": true, "read": true, "list": true, "create": true, "update": true, "delete": true,
        "tag": true, "invoke": true, "write": true,
    });
    assert_eq!(everything, expected);
}

#[test]
fn every_flag_is_told_even_if_it_is_not_set() {
    let linked = linked(allow(&json!("S3:getobject"), &json!(["arn:aws:s3:::b/*"])));
    let properties = Value::Object(linked.relationships[0].properties.clone());

    let expected = json!({
        "effect": "ALLOW", "effective": true, "actions": ["S3:getobject"], "normalizedActions": ["s3:getobject"],
        "resources": ["arn:aws:s3:::b/*"], "sids": [], "conditions": [], "conditionKeys": [],
        "hasCondition": false, "hasVariables": false, "admin": false, "read": true, "list": false, "create": false,
        "update": false, "delete": false, "tag": false, "invoke": false, "write": false, "subResource": true,
        "collapsed": false, "partial": false, "conditionalDeny": false, "crossAccount": false, "awsManaged": false,
    });
    assert_eq!(properties, expected);
}

#[test]
fn an_administrator_is_told_by_all_of_a_service_or_all_of_iam() {
    let check = |statement: Value, expected: &[bool]| {
        let linked = linked(statement.clone());
        let admin: Vec<bool> =
            linked.relationships.iter().map(|it| it.properties["admin"].as_bool().unwrap()).collect();
        assert_eq!(admin, expected, "{statement}");
    };
    let condition = json!({"Bool": {"aws:MultiFactorAuthPresent": "true"}});

    check(allow(&json!("s3:*"), &json!("*")), &[true]);
    check(allow(&json!("s3:*"), &json!("arn:aws:s3:::*")), &[true]);
    check(allow(&json!("*"), &json!("arn:aws:s3:::*")), &[true]);
    check(allow(&json!("s3:*"), &json!("arn:aws:s3:::b")), &[false]);
    check(allow(&json!("s3:Get*"), &json!("*")), &[false]);
    check(allow(&json!("iam:*"), &json!("*")), &[true]);
    check(with(allow(&json!("*"), &json!("*")), "Condition", condition), &[false]);
    check(json!({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}), &[false]);
    check(json!({"Effect": "Allow", "NotAction": "s3:DeleteBucket", "Resource": "*"}), &[true]);
}

#[test]
fn all_statements_about_one_target_are_one_relationship() {
    let condition =
        json!({"StringEquals": {"aws:PrincipalOrgID": "o-1"}, "Bool": {"aws:SecureTransport": "true"}});
    let linked = linked(json!([
        {"Sid": "Read", "Effect": "Allow", "Action": ["s3:GetObject", "sqs:*"], "Resource": "arn:aws:s3:::b/*"},
        {"Sid": "List", "Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::b",
         "Condition": condition},
        {"Sid": "Other", "Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::none/*"},
    ]));

    let told = only(&linked);
    assert_eq!(told["actions"], json!(["s3:GetObject", "s3:ListBucket"]));
    assert_eq!(told["resources"], json!(["arn:aws:s3:::b", "arn:aws:s3:::b/*"]));
    assert_eq!(told["sids"], json!(["List", "Read"]));
    assert_eq!(told["conditions"], json!([condition]));
    assert_eq!(told["conditionKeys"], json!(["aws:PrincipalOrgID", "aws:SecureTransport"]));
    // One of the statements has no condition, and one means the bucket itself.
    assert_eq!((&told["hasCondition"], &told["subResource"]), (&Value::Null, &Value::Null));
    assert_eq!((&told["read"], &told["list"], &told["write"]), (&json!(true), &json!(true), &Value::Null));
}

#[test]
fn it_has_a_condition_if_every_statement_has_one() {
    let conditions = [json!({"Bool": {"a": "true"}}), json!({"StringEquals": {"sts:ExternalId": "secret"}})];
    let statements = conditions.map(|it| with(allow(&json!("s3:*"), &json!("*")), "Condition", it));

    let told = only(&linked(json!(statements)));

    assert_eq!(told["hasCondition"], true);
    assert_eq!(told["conditionKeys"], json!(["a", "sts:ExternalId"]));
    assert!(!told.to_string().contains("secret"), "{told}");
}

#[test]
fn everything_but_a_list_is_everything_with_the_list() {
    let not_action = json!({"Effect": "Allow", "NotAction": ["iam:*", "s3:Delete*"], "Resource": "*"});
    let told = linked(not_action);
    assert_eq!(shown(&told), ["iam::111111111111:root *"]);
    assert_eq!(only(&told)["notActions"], json!(["iam:*", "s3:Delete*"]));
    assert_eq!(only(&told)["partial"], Value::Null);

    let on_bucket =
        |not: &str| linked(json!({"Effect": "Allow", "NotAction": not, "Resource": "arn:aws:s3:::b"}));
    assert_eq!(shown(&on_bucket("s3:Delete*")), ["s3:::b *"]);
    assert_eq!(shown(&on_bucket("s3:*")), [""; 0]);

    let not_resource =
        linked(json!({"Effect": "Allow", "Action": "s3:*", "NotResource": ["arn:aws:s3:::b"]}));
    assert_eq!(shown(&not_resource), ["aws_s3:111111111111 s3:*"]);
    let told = only(&not_resource);
    assert_eq!(told["notResources"], json!(["arn:aws:s3:::b"]));
    assert_eq!(
        (&told["partial"], &told["resources"], &told["admin"]),
        (&json!(true), &json!(["*"]), &Value::Null)
    );
}

#[test]
fn a_service_without_a_type_of_its_own_is_named() {
    let linked = linked(allow(&json!(["secretsmanager:GetSecretValue", "cloudtrail:*"]), &json!("*")));
    let named: Vec<&str> = linked.entities.iter().map(|it| it.key.as_str()).collect();

    assert_eq!(named, ["aws_service:111111111111:cloudtrail", "aws_service:111111111111:secretsmanager"]);
    assert_eq!(linked.entities[1].properties["iamPrefixes"], json!(["secretsmanager"]));
}

#[test]
fn every_policy_speaks_for_itself() {
    let document = |action: &str| json!({"policyDocument": {"Statement": allow(&json!(action), &json!("*"))}, "awsManaged": action == "s3:*"});
    let of_aws = "aws_iam_policy:111111111111:arn:aws-cn:iam::aws:policy/All";
    let inline = "aws_iam_role_policy:arn:aws:iam::111111111111:role/r:inline";
    let broken = json!({"policyParseError": "the document is not JSON: line 1, column 2"});
    let linked = linked_with(
        vec![
            fact(AWS_IAM_POLICY, of_aws, document("s3:*")),
            fact(AWS_IAM_ROLE_POLICY, inline, document("*")),
            fact(AWS_IAM_POLICY, POLICY, broken),
        ],
        &Settings::default(),
    );

    assert_eq!(shown(&linked), ["aws_s3:111111111111 s3:*", "iam::111111111111:root *"]);
    let managed: Vec<&Value> = linked.relationships.iter().map(|it| &it.properties["awsManaged"]).collect();
    assert_eq!(managed, [true, false]);
    assert_eq!(linked.relationships[1].type_name(), "aws_iam_role_policy_allows_account");
}

#[test]
fn a_variable_is_told() {
    let told = only(&linked(allow(&json!("s3:GetObject"), &json!("arn:aws:s3:::b/home/${aws:username}/*"))));

    assert_eq!(told["hasVariables"], true);
}
